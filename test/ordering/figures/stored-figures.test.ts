import { beforeEach, describe, expect, it } from "@jest/globals";
import type { MeasureReport } from "@medplum/fhirtypes";
import { createProfileCheck } from "../../../src/fhir/profile-check.ts";
import type { CheckAnswer } from "../../../src/ordering/check/check.ts";
import { checkRecognition } from "../../../src/ordering/check/check-recognition.ts";
import { publishFiguresMeasure } from "../../../src/ordering/figures/figures-measure.ts";
import { figuresId, figuresIn, measureReport } from "../../../src/ordering/figures/measure-report.ts";
import { monthNamed } from "../../../src/ordering/figures/month.ts";
import { readFigures } from "../../../src/ordering/figures/read-figures.ts";
import { readMonth } from "../../../src/ordering/figures/read-month.ts";
import { openFigures, runFigures } from "../../../src/ordering/figures/run-figures.ts";
import { storeFigures } from "../../../src/ordering/figures/store-figures.ts";
import { objectToAnswers } from "../../../src/ordering/outcomes/object-to-answers.ts";
import { recordOutcomes } from "../../../src/ordering/outcomes/record-outcomes.ts";
import { tellUses } from "../../../src/ordering/outcomes/tell-uses.ts";
import { taskKindOf } from "../../../src/work/task.ts";
import { institutionOf } from "../../recognition/laboratory.ts";
import { code, createOrderingWorld } from "../ordering-world.ts";

const dayMs = 86_400_000;
const county = code("c-county");
const november = monthNamed("+08:00", "2026-11");
const practitioner = { id: "1008" };
const asker = { client: "c-county", institution: county, practitioner };

let world: Awaited<ReturnType<typeof createOrderingWorld>>;
let deps: ReturnType<typeof figuresDeps>;
let answer: CheckAnswer;

function figuresDeps() {
  const parties = ["a-provincial", "b-central", "c-county"].flatMap((one) => institutionOf(one) ?? []);
  return {
    ...world.deps,
    institutions: parties,
    countResults: async ({ institution, codes }: { institution: string; codes: readonly string[] }) =>
      institution === "c-county" && codes.includes("http://loinc.org|14682-9") ? 9 : 0,
    scheduler: { schedule: async () => {} },
  };
}

beforeEach(async () => {
  world = await createOrderingWorld();
  deps = figuresDeps();
  await world.link(["a-provincial", "b-central", "c-county"]);
  await world.certify();
  await world.result({});
  await world.grant();
  answer = await checkRecognition(
    world.deps,
    world.ask({ visit: { number: "M1", kind: "outpatient", department: { code: "03.07", name: "肾病专业" } } }),
  );
});

const evidence = () => answer.results[0]?.lines[0]?.evidence ?? "";
const adopt = () =>
  recordOutcomes(world.deps, {
    asker,
    check: answer.id,
    outcomes: [{ order: "o1", outcome: "adopted", evidence: evidence() }],
  });
const stored = async () => world.store.read("DEFAULT", "MeasureReport", figuresId(deps.suite, "c-county", "2026-11"));

describe("a month that was worked in", () => {
  beforeEach(async () => {
    await tellUses(world.deps, { asker, check: answer.id, kind: "viewed", uses: [{ order: "o1", evidence: evidence() }] });
    expect(await adopt()).toMatchObject([{ state: "recorded" }]);
    expect(await adopt()).toMatchObject([{ state: "same" }]);
    world.pass(60_000);
  });

  it("is counted from the events of the check and of what was said, once", async () => {
    const { recogniser, departments } = await readMonth(deps, county, november);
    const fen = world.catalogue.priceOf("creatinine", institutionOf("c-county")?.level.ji ?? 0);
    expect(recogniser.total.items).toEqual({
      ...{ reminded: 1, eligible: 1, must: 1, recognised: 1, adopted: 1, standing: 1, viewed: 1, reported: 9 },
      savedFen: fen,
    });
    expect(departments).toEqual({ "03.07": "肾病专业" });
  });

  it("is counted for the institution whose result it was, as recognised", async () => {
    const { recogniser, recognised } = await readMonth(deps, code("a-provincial"), november);
    expect(recogniser.total.items).toEqual({});
    expect(recognised.total.items).toMatchObject({ adopted: 1, standing: 1, viewed: 1 });
  });

  it("is stored as a MeasureReport that holds exactly what is counted, valid by its profile", async () => {
    expect(await storeFigures(deps, county, november)).toBe("written");
    const report = (await stored()) as MeasureReport;
    expect(figuresIn(report)).toEqual(await readMonth(deps, county, november));
    expect(report).toMatchObject({ status: "pending", measure: publishFiguresMeasure().url });
    const check = await createProfileCheck("profiles");
    const { meta: _, ...plain } = report;
    expect(check(plain as MeasureReport)).toEqual([]);
    expect(JSON.stringify(report)).not.toContain("1008");
  });

  it("counted again is the same version; a revocation makes a new one; when all windows have passed it is complete", async () => {
    await storeFigures(deps, county, november);
    expect(await storeFigures(deps, county, november)).toBe("unchanged");
    expect((await stored())?.meta?.versionId).toBe("1");
    await objectToAnswers(world.deps, {
      asker,
      check: answer.id,
      code: "revoked",
      objections: [{ order: "o1", text: "误点" }],
    });
    world.pass(1);
    expect(await storeFigures(deps, county, november)).toBe("written");
    expect(figuresIn((await stored()) as MeasureReport)?.recogniser.total.items).toMatchObject({
      takenBack: 1,
      revoked: 1,
      adopted: 1,
    });
    world.pass(20 * dayMs);
    expect(await storeFigures(deps, county, november)).toBe("written");
    expect((await stored())?.status).toBe("complete");
    expect(await storeFigures(deps, county, november)).toBe("unchanged");
  });

  it("is read as it is stored once it is settled, and counted anew on request to the same", async () => {
    world.pass(20 * dayMs);
    await storeFigures(deps, county, november);
    const asked = { institutions: [county], from: "2026-11", until: "2026-11" };
    const [fromStore, counted] = [await readFigures(deps, asked), await readFigures(deps, { ...asked, recount: true })];
    if (fromStore.kind === "wrong" || counted.kind === "wrong") throw new Error("refused");
    expect([fromStore.months[0]?.source, counted.months[0]?.source]).toEqual(["stored", "counted"]);
    expect(fromStore.months[0]?.figures).toEqual(counted.months[0]?.figures);
  });

  it("what two workers count at once is one version", async () => {
    const both = await Promise.all([storeFigures(deps, county, november), storeFigures(deps, county, november)]);
    expect(both.sort()).toEqual(["unchanged", "written"]);
    expect((await stored())?.meta?.versionId).toBe("1");
  });
});

describe("the nightly counting", () => {
  const tasks = () =>
    world.store.all("DEFAULT").filter((one) => one.resourceType === "Task" && taskKindOf(one) === "recognition-figures");

  it("is opened once a day for the months that can still change, and stores what happened in them", async () => {
    await adopt();
    world.pass(60_000);
    await Promise.all([openFigures(deps), openFigures(deps)]);
    await openFigures(deps);
    expect(tasks()).toHaveLength(1);
    await runFigures(deps, tasks()[0]?.id ?? "");
    expect(tasks()).toMatchObject([{ status: "completed" }]);
    const reports = world.store.all("DEFAULT").filter((one) => one.resourceType === "MeasureReport");
    // C recognised, A was recognised; at B nothing happened.
    expect(reports.map((one) => figuresIn(one as MeasureReport)?.institution).sort()).toEqual(["a-provincial", "c-county"]);
    world.pass(9 * dayMs);
    await openFigures(deps);
    expect(tasks()).toHaveLength(3);
  });
});

describe("a question about figures", () => {
  it.each([
    ["a month to come", { from: "2026-11", until: "2026-12" }, "until"],
    ["an end before the beginning", { from: "2026-11", until: "2026-10" }, "from"],
    ["more years than anybody counts at once", { from: "2020-01", until: "2026-11" }, "from"],
    ["months of many that nobody stored", { from: "2024-01", until: "2026-11", many: true }, "from"],
  ])("is refused for %s", async (_, { from, until, ...more }, field) => {
    const institutions = "many" in more ? [county, code("a-provincial")] : [county];
    expect(await readFigures(deps, { institutions, from, until })).toMatchObject({ kind: "wrong", field });
  });
});

it("figures without anything come back as they went", () => {
  const empty = { items: {}, visits: {} };
  const none = { total: empty, by: { item: {}, department: {}, reason: {}, setting: {}, partner: {} } };
  const figures = {
    institution: "c-county",
    month: "2026-11",
    settled: true,
    recogniser: none,
    recognised: none,
    departments: {},
  };
  expect(figuresIn(measureReport(figures, { id: "x", month: november, at: november.until }))).toEqual(figures);
});
