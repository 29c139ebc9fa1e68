import { describe, expect, it } from "@jest/globals";
import request from "supertest";
import { csvCell } from "../../src/http/csv.ts";
import { serveFigures } from "../../src/http/serve/serve-figures.ts";
import type { InstitutionCode, ResidentId } from "../../src/kernel/brand.ts";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { loadReturns } from "../../src/ordering/figures/return-template.ts";
import { recordOutcomes } from "../../src/ordering/outcomes/record-outcomes.ts";
import { createOrderingWorld } from "../ordering/ordering-world.ts";
import { institutionOf } from "../recognition/laboratory.ts";
import { startApp } from "./start-app.ts";
import { tokenFor } from "./tokens.ts";

const asker = { client: "c-county", institution: "c-county" as InstitutionCode, practitioner: { id: "1008" } };
const ofC = { claims: { sub: "c-county", client_id: "c-county", scope: "recognitions" } };
const creatinine = "http://loinc.org|14682-9";
const department = { code: "03.07", name: "=肾病,专业" };

/** The API over a region in which C recognised one result of A; every token of an institution is C's. */
async function region() {
  const world = await createOrderingWorld();
  await world.link(["a-provincial", "c-county"]);
  await world.certify();
  await world.result({});
  await world.grant();
  const answer = await checkRecognition(world.deps, world.ask({ visit: { number: "M1", kind: "outpatient", department } }));
  const evidence = answer.results[0]?.lines[0]?.evidence ?? "";
  await recordOutcomes(world.deps, { asker, check: answer.id, outcomes: [{ order: "o1", outcome: "adopted", evidence }] });
  world.pass(60_000);
  const institutions = ["a-provincial", "b-central", "c-county"].flatMap((one) => institutionOf(one) ?? []);
  const returns = await loadReturns("profiles/recognition/returns");
  const { app } = startApp(
    serveFigures({
      ...world.deps,
      institutions,
      countResults: async ({ institution, codes }) => (institution === "c-county" && codes.includes(creatinine) ? 1 : 0),
      returns,
    }),
  );
  return async (kind: "institution" | "operator", path: string) =>
    request(app)
      .get(path)
      .set("Authorization", `Bearer ${await tokenFor(kind, kind === "institution" ? ofC : {})}`);
}

const path = "/recognitions/figures";

describe("the figures", () => {
  it("of an institution are its own, with names, both parts of each rate and what every measure means", async () => {
    const { status, body } = await (await region())("institution", path);
    expect(status).toBe(200);
    expect(body).toMatchObject({ from: "2026-11", until: "2026-11", role: "recogniser", by: "item", settled: false });
    expect(body.institutions.map((one: { code: string }) => one.code)).toEqual(["c-county"]);
    expect(body.rows).toMatchObject([{ key: "creatinine", name: "肌酐", items: { eligible: 1, recognised: 1 }, closed: true }]);
    expect(body.total.rates).toMatchObject({
      a: { numerator: 1, denominator: 1, percent: 100 },
      b: { numerator: 1, denominator: 2, percent: 50 },
    });
    expect(Object.keys(body.measures)).toEqual(expect.arrayContaining(Object.keys(body.total.items)));
  });

  it("of another institution are not shown to an institution", async () => {
    expect((await (await region())("institution", `${path}?institution=a-provincial`)).status).toBe(403);
  });

  it("of everybody are an operator's, by institution and by 级等", async () => {
    const ask = await region();
    const { body } = await ask("operator", `${path}?by=institution`);
    expect(body.rows.map((one: { name: string; items: object }) => [one.name, one.items])).toEqual([
      ["临湖省人民医院", {}],
      ["临湖市中心医院", {}],
      ["苇塘县人民医院", expect.objectContaining({ adopted: 1 })],
    ]);
    const levels = await ask("operator", `${path}?by=level&role=recognised`);
    expect(
      levels.body.rows.map((one: { name: string; items: { adopted?: number } }) => [one.name, one.items.adopted ?? 0]),
    ).toEqual([
      ["2级甲", 0],
      ["3级乙", 0],
      ["3级甲", 1],
    ]);
  });

  it("as CSV open in a spreadsheet, and no cell is taken for a formula", async () => {
    const { text, headers } = await (await region())("institution", `${path}?by=department&format=csv`);
    expect(headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(text.startsWith("\ufeff代码,名称,提醒（项次）,提醒（人次）,")).toBe(true);
    const lines = text.trimEnd().split("\r\n");
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^03\.07,"'=肾病,专业",1,1,/);
    expect(csvCell("＝1+1")).toBe("'＝1+1");
  });

  it("as MeasureReports are one per institution and month in which something happened", async () => {
    const { body } = await (await region())("operator", `${path}?format=fhir`);
    expect(
      body.entry.map(
        ({ resource }: { resource: { reporter: { identifier: { value: string } } } }) => resource.reporter.identifier.value,
      ),
    ).toEqual(["a-provincial", "c-county"]);
  });

  it.each([
    ["?from=2026-13", "from"],
    ["?by=doctor", "by"],
    ["?from=2026-12", "until"],
    ["?institution=nowhere", "institution"],
    ["?colour=red", "query"],
  ])("asked with %s are 400 with the place", async (query, field) => {
    const { status, body } = await (await region())("operator", `${path}${query}`);
    expect([status, JSON.stringify(body.problems)]).toEqual([400, expect.stringContaining(field)]);
  });

  it("name no person", async () => {
    const { text } = await (await region())("operator", `${path}?format=fhir`);
    expect(text).not.toContain("1008");
    expect(text).not.toContain(`h${"1".repeat(40)}` as ResidentId);
  });
});

describe("a return", () => {
  it("is filled for an operator, also as CSV", async () => {
    const ask = await region();
    const { body } = await ask("operator", `${path}/returns/liaoning`);
    expect(body.rows.map((one: { title: string }) => one.title)).toEqual([
      "三级医院",
      "二级医院",
      "一级及未定级医疗机构",
      "合计",
    ]);
    const { text } = await ask("operator", `${path}/returns/liaoning?format=csv`);
    expect(text.split("\r\n")[2]).toMatch(/^二级医院,1,/);
  });

  it("nobody knows is 404", async () => {
    expect((await (await region())("operator", `${path}/returns/atlantis`)).status).toBe(404);
  });
});

it("the Measure they count by is open to everybody", async () => {
  const { app } = startApp();
  const { body, status } = await request(app).get("/fhir/Measure/recognition-figures");
  expect([status, body.resourceType]).toEqual([200, "Measure"]);
  expect((await request(app).get("/fhir/Measure/other")).status).toBe(404);
  expect((await request(app).get("/fhir/Measure")).body.total).toBe(1);
});
