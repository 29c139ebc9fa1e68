/**
 * `npm run story` plays one visit against the running platform, over HTTP only, as the hospitals', the doctor's and the resident's systems
 * would: what must and may be recognised, what not and why, the answers, and what follows when a result is corrected. It tells each step with
 * what came back and how long it took. Each run takes a resident of its own. Exit code 1 when a step is not as told.
 */

import { explain } from "./client/explain.ts";
import { doctorAnswers, doctorIsTold, figuresAreCounted } from "./story/doctor-answers.ts";
import { asksWithoutConsent, readingIsRefused, readsTheAnswer } from "./story/doctor-looks-up.ts";
import { doctorOrders, ordersWithoutConsent } from "./story/doctor-orders.ts";
import { hookWithConsent, hookWithoutConsent } from "./story/hook-calls.ts";
import { correctionArrives, hospitalsDeliver } from "./story/hospitals-deliver.ts";
import { residentConsents, residentWithdraws } from "./story/resident-decides.ts";
import { setStage } from "./story/stage.ts";

try {
  const stage = setStage();
  await hospitalsDeliver(stage);
  const lookup = await asksWithoutConsent(stage, "The doctor at C looks the patient up. There is no consent");
  await ordersWithoutConsent(stage);
  await hookWithoutConsent(stage);
  const consent = await residentConsents(stage);
  await readsTheAnswer(stage, lookup);
  const checked = await doctorOrders(stage);
  await hookWithConsent(stage);
  await doctorAnswers(stage, checked);
  await correctionArrives(stage);
  await doctorIsTold(stage, checked);
  await figuresAreCounted(stage);
  await residentWithdraws(stage, consent);
  await readingIsRefused(stage, lookup);
  await asksWithoutConsent(stage, "A new lookup gets the waiting answer of a number nobody knows");
  console.log("Everything was as told.");
} catch (error) {
  console.error(`      ✗ ${explain(error)}`);
  process.exitCode = 1;
}
