import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Bundle, MeasureReport } from "@medplum/fhirtypes";
import { expectStatus } from "../../scripts/client/call.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { certificateExport, certificateRows } from "../../scripts/sample/certificates.ts";
import { labExportOfA } from "../../scripts/sample/fresh.ts";
import { itemByKey } from "../../scripts/sample/items.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import type { RecognitionAnswer } from "../../scripts/story/doctor.ts";
import type { Tenant } from "../../src/kernel/brand.ts";
import { figuresIn } from "../../src/ordering/figures/measure-report.ts";
import { taskCode, textField } from "../../src/work/task.ts";
import { flowWorld, type World } from "../platform.ts";
import { aVisit, grant } from "./people.ts";

let world: World;
let person: Person;
let answer: RecognitionAnswer;
const now = new Date();
const town = "c-town-1";

beforeAll(async () => {
  world = flowWorld();
  person = freshResident();
  await Promise.all([
    world.deliver(certificateExport(certificateRows(now), later(now, -30 * dayMs))),
    world.deliver(
      labExportOfA(
        person,
        [
          { item: "CREA", value: "86" },
          { item: "UA", value: "351" },
        ],
        later(now, -3 * dayMs),
      ),
    ),
  ]);
  await expectStatus(grant(world, person, town), 201);
}, 200_000);
afterAll(() => world.close());

interface Figures {
  readonly institutions: readonly { readonly code: string }[];
  readonly total: { readonly items: Readonly<Record<string, number>>; readonly visits: Readonly<Record<string, number>> };
}

const ask = async <T>(path: string, client = town, scope = "recognitions"): Promise<T> =>
  await expectStatus(world.as<T>(client, scope, { method: "GET", path }), 200);
const ofTown = async () => (await ask<Figures>("/recognitions/figures")).total;

/** How much more there is of each measure than before. */
async function grownBy(
  act: () => Promise<unknown>,
): Promise<{ items: Record<string, number>; visits: Record<string, number> }> {
  const before = await ofTown();
  await act();
  const after = await ofTown();
  const grown = (unit: "items" | "visits") => {
    const names = new Set([...Object.keys(before[unit]), ...Object.keys(after[unit])]);
    const changed = [...names].map((name) => [name, (after[unit][name] ?? 0) - (before[unit][name] ?? 0)] as const);
    return Object.fromEntries(changed.filter(([, by]) => by !== 0));
  };
  return { items: grown("items"), visits: grown("visits") };
}

describe("the figures of an institution", () => {
  it("count a check by order and by person, and once however often it is repeated", async () => {
    const visit = aVisit();
    const orders = ["CREA", "UA"].map((key) => ({ id: key, code: { system: "http://loinc.org", code: itemByKey(key).loinc } }));
    const check = async () => {
      const json = { resident: { identityNumber: person.number }, visit, orders };
      const request = { method: "POST", path: "/recognitions/check", json } as const;
      answer = await expectStatus(world.as<RecognitionAnswer>(town, "recognitions", request), 200);
    };
    const { items, visits } = await grownBy(async () => {
      await check();
      await check();
    });
    expect(items).toMatchObject({ reminded: 2, eligible: 2, waiting: 2 });
    expect(visits).toMatchObject({ reminded: 1, eligible: 1, waiting: 1 });
  });

  it("count a recognition with its price, and a refusal, once however often they are told", async () => {
    const evidence = answer.results.find((one) => one.order === "CREA")?.lines[0]?.evidence;
    const outcomes = [
      { order: "CREA", outcome: "adopted", evidence },
      { order: "UA", outcome: "declined", reason: "condition-changed", explained: { by: "3001" } },
    ];
    const tell = () =>
      expectStatus(
        world.as(town, "recognitions", { method: "POST", path: `/recognitions/${answer.id}/outcome`, json: { outcomes } }),
        200,
      );
    const { items } = await grownBy(async () => {
      await tell();
      await tell();
    });
    expect(items).toMatchObject({ adopted: 1, standing: 1, recognised: 1, declined: 1, refused: 1, waiting: -2 });
    expect(items.savedFen).toBeGreaterThan(0);
  });

  it("are its own: another's are refused, and A sees what others recognised of it", async () => {
    const refused = await world.as(town, "recognitions", { method: "GET", path: "/recognitions/figures?institution=c-county" });
    expect(refused.status).toBe(403);
    const ofA = await ask<Figures>("/recognitions/figures?role=recognised&by=partner", "a-provincial");
    expect(ofA.total.items.adopted).toBeGreaterThanOrEqual(1);
  });

  it("come as CSV too", async () => {
    const csv = await ask<string>("/recognitions/figures?format=csv");
    expect(csv.split("\r\n").some((line) => line.startsWith("creatinine,肌酐,"))).toBe(true);
  });
});

it("an operator sees everybody and fills the 辽宁 return", async () => {
  const { institutions } = await ask<Figures>("/recognitions/figures?by=level", "operator", "operate");
  expect(institutions.length).toBeGreaterThan(5);
  const csv = await ask<string>("/recognitions/figures/returns/liaoning?format=csv", "operator", "operate");
  expect(csv).toContain("一级及未定级医疗机构");
}, 60_000);

it("the worker's counting stores a MeasureReport for whoever had something, which is what is counted anew; counted again it is the same version", async () => {
  const month = (await ask<{ from: string }>("/recognitions/figures")).from;
  const reportsOf = (institution: string) =>
    world.store.searchAll("DEFAULT" as Tenant, "MeasureReport", {
      identifier: `urn:hutong:recognition-figures|${institution}/${month}`,
    });
  await countedByWorker(month);
  const [first] = await reportsOf(town);
  const counted = await ask<Bundle<MeasureReport>>("/recognitions/figures?format=fhir&recount=true");
  const [fresh] = (counted.entry ?? []).map((one) => one.resource as MeasureReport);
  expect(figuresIn(first as MeasureReport)).toEqual(figuresIn(fresh as MeasureReport));
  await countedByWorker(month);
  const [again, ...more] = await reportsOf(town);
  expect([again?.meta?.versionId, more]).toEqual([first?.meta?.versionId, []]);
}, 180_000);

/** A counting of the month as the night opens it, done by the engine's worker. */
async function countedByWorker(month: string): Promise<void> {
  const id = `h${randomBytes(20).toString("hex")}`;
  const at = new Date().toISOString();
  const task = { resourceType: "Task", id, status: "requested", intent: "order", authoredOn: at, lastModified: at } as const;
  await world.store.commit("DEFAULT", [
    { kind: "put", resource: { ...task, code: taskCode("recognition-figures"), input: [textField("month", month)] } },
  ]);
  await waitFor(
    "the counting",
    async () => (await world.store.read("DEFAULT", "Task", id))?.status,
    (status) => status === "completed" || status === "failed",
    { timeoutMs: 80_000, everyMs: 500 },
  );
}
