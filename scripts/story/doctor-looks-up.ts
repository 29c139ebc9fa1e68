import { expectStatus } from "../client/call.ts";
import type { Bundle } from "./doctor.ts";
import { mustBeSame } from "./same-answer.ts";
import type { Stage } from "./stage.ts";
import { must } from "./tell.ts";

/** A lookup without consent: it waits, and its answer is that of a number nobody knows. The id of the lookup. */
export function asksWithoutConsent(stage: Stage, title: string): Promise<string> {
  const { doctor, named, nobody, resident, step } = stage;
  return step(title, async () => {
    const known = await doctor.requestLookup(resident.number, named);
    const unknown = await doctor.requestLookup(nobody.number, named);
    must(known.status === 202, `status ${known.status}: ${JSON.stringify(known.body)}`);
    mustBeSame(known, unknown);
    mustBeSame(await doctor.results(known.body.id), await doctor.results(unknown.body.id));
    const [one, other] = [await doctor.lookup(known.body.id), await doctor.lookup(unknown.body.id)];
    must(one.status === "waiting" && one.lines.length === 0, `the lookup is ${one.status} with ${one.lines.length} lines`);
    must(other.status === "waiting" && other.lines.length === 0, `the other lookup is ${other.status}`);
    const said = [
      `202 ${known.body.status}; then: ${one.status}`,
      "a number nobody knows gets the same answer, field by field",
    ];
    return { said, result: known.body.id };
  });
}

/** The lookup that waited has run; its lines and its Bundle hold A's and B's results. */
export async function readsTheAnswer({ doctor, step }: Stage, lookup: string): Promise<void> {
  await step("The waiting lookup runs by itself", async () => {
    const { status, lines } = await doctor.finishedLookup(lookup, 15_000);
    must(status === "completed", `the lookup ${status}`);
    const answered = (source: string) =>
      lines.some((line) => line.source === source && line.outcome === "answered" && line.count > 0);
    must(answered("a-provincial") && answered("b-central"), `lines: ${JSON.stringify(lines)}`);
    return {
      said: lines.map((line) => `${line.name} ${line.category ?? ""} ${line.outcome} ${line.count}`),
      result: undefined,
    };
  });
  await step("The doctor reads the answer: A's and B's results", async () => {
    const found = resultsIn(await expectStatus(doctor.results(lookup), 200));
    must(
      found.some((line) => line.startsWith("14682-9 86 ")),
      `no creatinine of 86 among ${found.length} results`,
    );
    must(
      found.some((line) => line.startsWith("14647-2 4.85 ")),
      `no cholesterol of 4.85 among ${found.length} results`,
    );
    return { said: found, result: undefined };
  });
}

/** Reading what was read before: after a withdrawal there is only a refusal. */
export async function readingIsRefused({ doctor, step }: Stage, lookup: string): Promise<void> {
  await step("Reading the earlier answer again is refused", async () => {
    const again = await doctor.results(lookup);
    must(again.status === 403, `status ${again.status}`);
    must(!JSON.stringify(again.body).includes("14682-9"), "the refusal holds a result");
    return { said: ["403, an OperationOutcome and nothing else"], result: undefined };
  });
}

interface Observation {
  readonly code?: { readonly text?: string; readonly coding?: readonly { readonly system?: string; readonly code?: string }[] };
  readonly valueQuantity?: { readonly value?: number; readonly unit?: string };
  readonly valueString?: string;
}

/** Each result of a bundle as `<LOINC> <value> <unit> <text>`. */
function resultsIn(bundle: Bundle): string[] {
  const resources = (bundle.entry ?? []).map((entry) => entry.resource);
  const observations = resources.filter((one) => one.resourceType === "Observation") as Observation[];
  return observations.map(({ code, valueQuantity, valueString }) => {
    const loinc = code?.coding?.find((one) => one.system === "http://loinc.org")?.code ?? "-";
    return `${loinc} ${valueQuantity?.value ?? valueString ?? "-"} ${valueQuantity?.unit ?? ""} ${code?.text ?? ""}`;
  });
}
