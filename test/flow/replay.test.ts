import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { DiagnosticReport, Observation } from "@medplum/fhirtypes";
import { connectMllp } from "../../scripts/client/mllp.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import type { SampleExport } from "../../scripts/sample/events.ts";
import { labExportOfA } from "../../scripts/sample/fresh.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { makeRegionSample, type RegionSample } from "../../scripts/sample/region-sample.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import type { Tenant } from "../../src/kernel/brand.ts";
import { taskKindTokens } from "../../src/work/task.ts";
import { type Delivered, flowWorld, versionsIn, type World } from "../platform.ts";
import { reshaped, rowsOf } from "./reshape.ts";

const day = new Date();
// Another region each run; a failure names it.
const seed = `flow/${Math.random()}`;
let world: World;
let sample: RegionSample;
const delivered = new Map<SampleExport, Delivered>();
let stored: Map<string, string>;

const of = (...feeds: string[]) => sample.exports.filter((one) => feeds.includes(one.feed));

/** Delivers A's, B's and the quality centre's exports, each feed in its order. */
async function deliverAll(exports: readonly SampleExport[]): Promise<void> {
  const byFeed = Map.groupBy(exports, (one) => one.feed);
  await Promise.all(
    [...byFeed.values()].map(async (some) => {
      for (const one of some) delivered.set(one, await world.deliver(one, 240_000));
    }),
  );
}

/** Sends C's messages over MLLP and waits until all of them have been worked through. */
async function sendAll(messages: readonly SampleExport[]): Promise<void> {
  const { mllp } = world.platform;
  if (mllp === undefined) throw new Error("no MLLP port");
  const sender = await connectMllp(mllp);
  for (const { files } of messages) expect(await sender.send(files[0]?.bytes ?? Buffer.alloc(0))).toMatchObject({ code: "AA" });
  sender.close();
  await waitFor(
    "messages to be worked through",
    () =>
      world.store.searchAll("DEFAULT", "Task", {
        code: taskKindTokens("ingest"),
        status: "requested,in-progress",
        _elements: "id",
      }),
    (open) => open.length === 0,
    { timeoutMs: 240_000, everyMs: 300 },
  );
}

beforeAll(async () => {
  world = flowWorld();
  sample = makeRegionSample({ seed, residents: 8, days: 40, today: day });
  await Promise.all([deliverAll(of("a-tb", "b-snake", "quality-certificates")), sendAll(of("c-adt", "c-lis"))]);
  stored = await versionsIn(world.store);
}, 400_000);
afterAll(() => world.close());

/** What changed since the first delivery: new resources of the sample's exports, and other versions of those that were there. */
async function changes(): Promise<string[]> {
  const now = await versionsIn(world.store);
  return [...stored].filter(([ref, version]) => now.get(ref) !== version).map(([ref]) => ref);
}

describe("the first delivery of every export", () => {
  it("ends well, whatever is wrong with some rows", () => {
    for (const [{ feed, name }, { state }] of delivered)
      expect(`${feed} ${name} ${state.status}`).toBe(`${feed} ${name} completed`);
    expect(stored.size).toBeGreaterThan(300);
  });

  it("accounts for every row of every file: mapped, or an issue with its file and line", () => {
    for (const [{ feed, files }, { state, issues }] of delivered) {
      const counts = Object.values(state.report?.rows ?? {});
      const read = counts.reduce((sum, one) => sum + one.read, 0);
      const inFiles =
        feed === "b-snake" ? recordsIn(files[0]?.bytes) : files.reduce((sum, file) => sum + rowsOf(file).length, 0);
      expect(read).toBe(inFiles);
      for (const { read, mapped, skipped } of counts) expect(read).toBe(mapped + skipped);
      const skipped = counts.reduce((sum, one) => sum + one.skipped, 0);
      const places = new Set(issues.filter((issue) => issue.line !== undefined).map((issue) => `${issue.file}:${issue.line}`));
      // A row of a CSV file has a line of its own; of B's JSON, nested rows may share theirs.
      if (feed !== "b-snake") expect(places.size).toBeGreaterThanOrEqual(skipped);
      if (skipped > 0) expect(issues.length).toBeGreaterThan(0);
    }
  });

  it.each(["unknown-institution", "orphan-row", "duplicate-row"])("finds the fault %s where it was made", (kind) => {
    const faults = sample.dirt.filter((one) => one.kind === kind && one.file.startsWith("a-tb"));
    expect(faults.length).toBeGreaterThan(0);
    const told = [...delivered.values()].flatMap(({ issues }) => issues.map(({ file, line }) => `${file} ${line}`));
    // A row that is there twice is noted at both places; only the second one is an issue.
    const found = faults.filter(({ file, line }) => told.includes(`${file.split("/")[2]} ${line}`));
    const expected = kind === "duplicate-row" ? faults.length / 2 : faults.length;
    expect({ seed, faults, found: found.length }).toEqual({ seed, faults, found: expected });
  });

  it("tells no value of a row in an issue", () => {
    const told = JSON.stringify([...delivered.values()].map(({ issues, state }) => [issues, state]));
    for (const { name, number, phone } of sample.people) {
      if (name !== "-") expect(told).not.toContain(name);
      if (number !== "-") expect(told).not.toContain(number);
      if (phone !== "-") expect(told).not.toContain(phone);
    }
  });
});

describe("what was delivered before", () => {
  it("brings no new version of any resource when the same exports come again", async () => {
    const again = of("a-tb", "b-snake", "quality-certificates").map((one) => ({ ...one }));
    await Promise.all([deliverAll(again), sendAll(of("c-adt", "c-lis"))]);
    expect(await changes()).toEqual([]);
    for (const one of again)
      expect({ name: one.name, ...delivered.get(one)?.state.counts }).toMatchObject({
        name: one.name,
        ...nothingNew(delivered.get(one)),
      });
  }, 400_000);

  it("brings none when its rows come shuffled, split into other files, and the deliveries in another order", async () => {
    const other = reshaped(of("a-tb", "b-snake", "quality-certificates", "c-adt", "c-lis"), seed);
    await deliverAll(other);
    expect(await changes()).toEqual([]);
    for (const one of other)
      expect({ name: one.name, ...delivered.get(one)?.state.counts }).toMatchObject(nothingNew(delivered.get(one)));
  }, 400_000);
});

describe("January's file after February's", () => {
  const person = freshResident();
  const at = later(day, -40 * dayMs);
  const january = labExportOfA(
    person,
    [
      { item: "CREA", value: "86" },
      { item: "UA", value: "351" },
    ],
    at,
    { reportNumber: "771" },
  );
  const february = labExportOfA(person, [{ item: "CREA", value: "99" }], at, {
    reportNumber: "771",
    reviewedAt: later(at, 30 * dayMs),
  });
  const tenant = "a-provincial" as Tenant;
  const reportOf = async (): Promise<{ report: DiagnosticReport; results: Observation[] }> => {
    const [report] = (
      await world.store.searchAll(tenant, "DiagnosticReport", { identifier: "urn:hutong:a-provincial:lab-report|771" })
    ).filter((one) => one.effectiveDateTime !== undefined && Math.abs(Date.parse(one.effectiveDateTime) - at.getTime()) < 1000);
    const ids = (report?.result ?? []).map((one) => one.reference?.split("/")[1] ?? "");
    return { report: report as DiagnosticReport, results: await world.store.readMany(tenant, "Observation", ids) };
  };

  it("changes nothing current: February's value stays, and what February no longer had is marked withdrawn", async () => {
    await world.deliver(february);
    const before = await reportOf();
    const { state } = await world.deliver(january);
    expect(state.status).toBe("completed");
    const { results } = await reportOf();
    const current = results.filter((one) => one.status !== "entered-in-error");
    expect(current.map((one) => one.valueQuantity?.value)).toEqual([99]);
    expect(current.map((one) => one.meta?.versionId)).toEqual(before.results.map((one) => one.meta?.versionId));
    await world.deliver(february);
    expect((await reportOf()).results.filter((one) => one.status !== "entered-in-error")).toHaveLength(1);
  });

  it("a retraction that came before its sheet keeps it withdrawn", async () => {
    const sheet = [{ item: "GLU", value: "5.1" }];
    const number = "772";
    await world.deliver(
      labExportOfA(person, sheet, at, { reportNumber: number, state: "retracted", reviewedAt: later(at, dayMs) }),
    );
    await world.deliver(labExportOfA(person, sheet, at, { reportNumber: number }));
    const reports = await world.store.searchAll(tenant, "DiagnosticReport", {
      identifier: `urn:hutong:a-provincial:lab-report|${number}`,
    });
    const mine = reports.filter((one) => Math.abs(Date.parse(one.effectiveDateTime ?? "") - at.getTime()) < 1000);
    expect(mine.map((one) => one.status)).toEqual(["entered-in-error"]);
  });
});

/** Counts of an export that brought nothing: neither new nor changed resources. */
function nothingNew(one: Delivered | undefined): Record<string, unknown> {
  const { created = 0, updated = 0, ...rest } = one?.state.counts ?? {};
  return { ...rest, ...(created === 0 ? {} : { created: 0 }), ...(updated === 0 ? {} : { updated: 0 }) };
}

function recordsIn(bytes: Buffer | undefined): number {
  const tables = JSON.parse(bytes?.toString("utf8") ?? "{}") as Record<string, unknown>;
  const lists = Object.values(tables).filter(Array.isArray) as { T_TESTR_RES_INDICATE?: unknown[] }[][];
  return lists.flat().reduce((sum, record) => sum + 1 + (record.T_TESTR_RES_INDICATE?.length ?? 0), 0);
}
