import { expectStatus } from "../client/call.ts";
import { itemByKey } from "../sample/items.ts";
import type { Draft, RecognitionAnswer, RecognitionLine } from "./doctor.ts";
import type { Stage } from "./stage.ts";
import { must } from "./tell.ts";

/** What the doctor wants to order, each an order of its own, and the kidney panel. */
const drafts: readonly Draft[] = [
  ...["CREA", "UREA", "K", "HBA1C", "LDL"].map((key) => ({ id: key, loinc: itemByKey(key).loinc })),
  { id: "KIDNEY", item: "kidney-function" },
];

interface Expected {
  readonly order: string;
  readonly title: string;
  readonly source: string;
  readonly recognition: RecognitionLine["recognition"];
  readonly reason?: string;
}

const expected: readonly Expected[] = [
  { order: "CREA", title: "must be recognised", source: "a-provincial", recognition: "must" },
  {
    order: "UREA",
    title: "may be recognised: nothing covers it",
    source: "a-provincial",
    recognition: "may",
    reason: "mark-missing",
  },
  { order: "K", title: "expired", source: "a-provincial", recognition: "ineligible", reason: "out-of-window" },
  { order: "HBA1C", title: "wrong specimen", source: "a-provincial", recognition: "ineligible", reason: "specimen-differs" },
  { order: "LDL", title: "a mark nothing stands behind", source: "b-central", recognition: "may", reason: "mark-unsupported" },
  { order: "CREA", title: "a source that is down: unknown, never nothing", source: "e-third", recognition: "unknown" },
];

/** The doctor drafts orders without the resident's consent: nothing is said, and the same of somebody nobody knows. */
export async function ordersWithoutConsent({ doctor, named, nobody, resident, step }: Stage): Promise<void> {
  await step("The doctor drafts orders. There is no consent", async () => {
    const ask = (number: string) => doctor.check(number, named, drafts.slice(0, 1));
    const known = await expectStatus(ask(resident.number), 200);
    const unknown = await expectStatus(ask(nobody.number), 200);
    const lines = (answer: RecognitionAnswer) => answer.results.flatMap((one) => one.lines).length;
    must(known.asked === "none" && lines(known) === 0, `asked ${known.asked}, ${lines(known)} lines`);
    must(
      unknown.asked === "none" && lines(unknown) === 0,
      `a number nobody knows: asked ${unknown.asked}, ${lines(unknown)} lines`,
    );
    return { said: ['asked none: the answer of a number nobody knows, never "no prior result"'], result: undefined };
  });
}

/** Draft orders of five items and a panel: what the rules say of each. */
export async function doctorOrders({ doctor, named, resident, step }: Stage): Promise<RecognitionAnswer> {
  return await step("The doctor orders creatinine, urea, potassium, HbA1c, LDL and the kidney panel", async () => {
    const answer = await expectStatus(doctor.check(resident.number, named, drafts), 200);
    const said = expected.map((one) => saidOf(answer, one));
    must(answer.asked === "some", `asked ${answer.asked}`);
    return { said: [...said, saidOfPanel(answer), `by ${answer.policy}`], result: answer };
  });
}

function saidOf({ results }: RecognitionAnswer, { order, title, source, recognition, reason }: Expected): string {
  const line = results.find((one) => one.order === order)?.lines.find((one) => one.source === source);
  must(line !== undefined, `${order}: no line of ${source}: ${JSON.stringify(results.find((one) => one.order === order))}`);
  const codes = line.reasons.map((one) => one.code);
  must(line.recognition === recognition, `${order} of ${source} is ${line.recognition}: ${codes.join(", ")}`);
  must(
    reason === undefined || codes.includes(reason),
    `${order} of ${source} is ${line.recognition} for ${codes.join(", ")}, not ${reason}`,
  );
  const left = line.daysLeft === undefined ? "" : `, ${line.daysLeft.toFixed(1)} days left`;
  const result = line.value === undefined ? "" : `: ${line.value} ${line.unit ?? ""} ${line.mark ?? "no mark"}${left}`;
  const why = line.reasons.map((one) => one.text).join("；");
  return `${title}: ${order} ${line.sourceName ?? source}${result}${why === "" ? "" : `（${why}）`}`;
}

function saidOfPanel({ panels }: RecognitionAnswer): string {
  const panel = panels.find((one) => one.order === "KIDNEY");
  must(panel !== undefined, `no advice on the panel: ${JSON.stringify(panels)}`);
  must(panel.advice === "remaining", `the advice on the panel is ${panel.advice}`);
  const remaining = panel.remaining.map((one) => one.name).join("、");
  must(
    panel.recognised.length === 2 && panel.remaining.length === 1,
    `recognised ${panel.recognised.join(", ")}; remaining ${remaining}`,
  );
  return `a panel with remaining members: ${panel.name}: ${panel.recognised.join(", ")} stand; still to be ordered: ${remaining}`;
}
