import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DiagnosticReport, Observation } from "@medplum/fhirtypes";
import type { CheckAnswer } from "../../src/ordering/check/check.ts";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { readReport } from "../../src/ordering/check/read-report.ts";
import { code, createOrderingWorld } from "./ordering-world.ts";

let world: Awaited<ReturnType<typeof createOrderingWorld>>;
let answer: CheckAnswer;
beforeEach(async () => {
  world = await createOrderingWorld();
  await world.link(["a-provincial", "c-county"]);
  await world.certify();
  await world.result({ id: "h-crea" });
  await world.result({ id: "h-urea", item: "urea" });
  await putReport("h-report", ["h-crea", "h-urea", "h-restricted"]);
  await putReport("h-other", ["h-elsewhere"]);
  await world.grant();
  answer = await checkRecognition(world.deps, world.ask());
});

const asker = (institution = "c-county") => ({
  client: institution,
  institution: code(institution),
  practitioner: { id: "1008" },
});
const evidence = () => answer.results[0]?.lines[0]?.evidence ?? "";
const read = (more: object = {}) =>
  readReport(world.deps, { asker: asker(), check: answer.id, order: "o1", evidence: evidence(), ...more });
const disclosures = () => world.events().filter((event) => event.type.code !== undefined && event.id !== answer.id);

/** A report of A with these results in it, at the time of the results. */
async function putReport(id: string, results: readonly string[]): Promise<void> {
  const [first] = world.store.all(code("a-provincial")).filter((one): one is Observation => one.resourceType === "Observation");
  const report: DiagnosticReport = {
    ...{ resourceType: "DiagnosticReport", id, status: "final", code: { text: "肾功能" }, conclusion: "请结合临床" },
    subject: { reference: `Patient/${world.patientOf("a-provincial")}` },
    result: results.map((one) => ({ reference: `Observation/${one}` })),
    ...(first?.effectiveDateTime === undefined ? {} : { effectiveDateTime: first.effectiveDateTime }),
  };
  await world.put("a-provincial", report);
}

describe("reading the report behind a result that was shown", () => {
  it("gives the report the result stands in, with its other results", async () => {
    const reading = await read();
    expect(reading).toMatchObject({ kind: "read", source: "a-provincial", report: { id: "h-report" } });
    expect(reading?.kind === "read" && reading.results.map((one) => one.id).sort()).toEqual(["h-crea", "h-urea"]);
  });

  it("is a disclosure of its own that names everything it gives, with its version", async () => {
    await read();
    const [event, ...more] = disclosures();
    expect(more).toEqual([]);
    const named = event?.entity?.map((one) => one.what?.identifier?.value ?? one.what?.reference ?? "").join(" ");
    for (const part of ["Consent/hconsent", "DiagnosticReport/h-report", "Observation/h-crea", "Observation/h-urea"])
      expect(named).toContain(part);
    expect(named).not.toContain("h-other");
  });

  it("is refused, and the refusal audited, once the resident has withdrawn", async () => {
    await world.withdraw();
    expect(await read()).toEqual({ kind: "refused" });
    expect(disclosures()).toMatchObject([{ outcome: "4" }]);
  });

  it.each([
    ["another institution", () => ({ asker: asker("b-central") })],
    ["a result the check did not show", () => ({ evidence: "a-provincial/Observation/h-urea/_history/1" })],
    ["another version of it", () => ({ evidence: evidence().replace(/\d+$/, "99") })],
    ["another order", () => ({ order: "o2" })],
    ["a check that never was", () => ({ check: `h${"9".repeat(40)}` })],
  ])("gives nothing for %s, and audits nothing", async (_said, more) => {
    expect(await read(more())).toBeUndefined();
    expect(disclosures()).toEqual([]);
  });

  it("leaves out what its source restricts", async () => {
    const security = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }];
    await world.put("a-provincial", { ...world.resultOf({ id: "h-restricted" }), meta: { security } });
    const reading = await read();
    expect(reading?.kind === "read" && reading.results.map((one) => one.id).sort()).toEqual(["h-crea", "h-urea"]);
  });

  it("says that it cannot where the report lies on a server of the institution's own", async () => {
    world.servers.set("a-provincial", () => Promise.reject(new Error("not asked")));
    expect(await read()).toEqual({ kind: "unavailable" });
    expect(world.asked).toEqual([]);
  });
});
