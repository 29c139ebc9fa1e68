import type { Consent, Task } from "@medplum/fhirtypes";
import { type GrantDeps, type Granted, type GrantRequest, grantConsent } from "../consent/grant-consent.ts";
import type { Write } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { ResidentId, ResourceId } from "../kernel/brand.ts";
import { priorityOf } from "../work/sweep.ts";
import { taskKindTokens } from "../work/task.ts";
import { judgeLookup } from "./judge-lookup.ts";
import { lookupOf } from "./lookup.ts";
import type { LookupDeps } from "./lookup-deps.ts";
import { freeing } from "./reconsider-lookup.ts";

/** Most lookups one grant sets free in its own transaction; the sweeper frees the rest within a minute. */
const atOnce = 40;

/** Records a consent and, in the same transaction, sets free the waiting lookups it permits; then they are queued. */
export async function grantAndWake(deps: LookupDeps & GrantDeps, request: Omit<GrantRequest, "extra">): Promise<Granted> {
  let woken: readonly Task[] = [];
  const extra = async (consent: Consent): Promise<Write[]> => {
    woken = await lookupsToWake(deps, request.resident, consent);
    return woken.flatMap((task) => freeing(deps, task));
  };
  const granted = await grantConsent(deps, { ...request, extra });
  if (granted.kind !== "granted") return granted;
  for (const task of woken) {
    // Its last attempt to grant may have gone without them: then they still wait, the job finds that, and the sweeper asks again.
    await deps.scheduler.schedule("lookup", task.id ?? "", priorityOf(task));
    await deps.progress.tell((task.id ?? "") as ResourceId, "status");
  }
  return granted;
}

/** The waiting lookups of a resident, under whichever of their golden ids they were asked for, that would be permitted with this consent. */
async function lookupsToWake(deps: LookupDeps, resident: ResidentId, consent: Consent): Promise<readonly Task[]> {
  const residents = (await deps.readGolden(resident))?.all ?? [resident];
  const waiting = await deps.store.searchAll("DEFAULT", "Task", {
    code: taskKindTokens("lookup"),
    status: "on-hold",
    "hutong-for": residents.map((one) => `${systems.resident}|${one}`).join(","),
  });
  const judged = await Promise.all(waiting.slice(0, atOnce).map((task) => judgeLookup(deps, lookupOf(task), [consent])));
  return waiting.filter((_, index) => judged[index]?.kind === "permit");
}
