import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { parse } from "csv-parse/sync";
import type { SampleExport } from "../../scripts/sample/events.ts";
import { csvText, type Row, utf8WithBom } from "../../scripts/sample/export-files.ts";
import { type Random, seededRandom } from "../../scripts/sample/random.ts";
import { makeRegionSample } from "../../scripts/sample/region-sample.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { createProfileCheck } from "../../src/fhir/profile-check.ts";
import { createWholeRegion, loadShipped, type Shipped, type WholeRegion } from "./whole-region.ts";

const today = new Date("2026-11-22T00:00:00+08:00");
const sample = makeRegionSample({ seed: "ingest", residents: 40, days: 40, today });
let shipped: Shipped;
let world: World;

beforeAll(async () => {
  shipped = await loadShipped(() => today);
  const check = await createProfileCheck("profiles");
  world = createWorld();
  for (const one of sample.exports) first.push(await world.region.deliver(one, { at: today, check }));
}, 120_000);

/** What became of the first delivery of each export. */
const first: Awaited<ReturnType<WholeRegion["deliver"]>>[] = [];

type World = ReturnType<typeof createWorld>;

/** An empty region with every mapping of the sample. */
function createWorld() {
  const region = createWholeRegion(shipped);
  return {
    ...region,
    region,
    deliver: (one: Omit<SampleExport, "name">, key = "", at = today) => region.deliver(one, { key, at }),
  };
}

/**
 * The same rows in other files and another order: every delivery of A with its rows shuffled and each table cut into two files, all
 * deliveries and messages of the region in another order. (Rows of two deliveries are not mixed: A's indicators do not tell which issue of
 * their report they belong to, only the delivery does.)
 */
function rearranged(): Omit<SampleExport, "name">[] {
  const random = seededRandom("rearranged");
  return shuffled(sample.exports, random).map((one) => {
    if (one.feed !== "a-tb") return one;
    const files = one.files.flatMap((file) => {
      const rows = shuffled(rowsOf(file.bytes), random);
      const columns = Object.keys(rows[0] ?? {});
      const half = (first: boolean) => rows.filter((_, at) => at < rows.length / 2 === first);
      return [true, false].map((first) => ({
        name: file.name.replace(".csv", first ? "-1.csv" : "-2.csv"),
        bytes: utf8WithBom(csvText(columns, half(first))),
      }));
    });
    return { feed: one.feed, files };
  });
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list
    .map((one) => ({ one, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

function rowsOf(bytes: Buffer): Row[] {
  const isUtf8 = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
  const text = new TextDecoder(isUtf8 ? "utf-8" : "gb18030").decode(bytes);
  return parse(text, { columns: true, bom: true, relax_column_count: true, skip_records_with_error: true });
}

describe("the sample region", () => {
  it("goes in: resources in every institution, people linked", () => {
    const types = Map.groupBy(world.everything().values(), (one) => one.resourceType);
    expect([...types.keys()].sort()).toEqual(
      expect.arrayContaining(["DiagnosticReport", "Encounter", "ImagingStudy", "Observation", "Patient"]),
    );
    // Every resource is what its profile allows.
    expect(first.filter((state) => state?.counts?.invalid !== undefined)).toEqual([]);
    expect(world.goldens().length).toBeGreaterThan(20);
    expect(world.goldens().some((one) => (one.link?.length ?? 0) > 1)).toBe(true);
  });

  it("makes no new version, and no new resource, when every export comes again", async () => {
    const before = world.versions();
    const links = world.goldenVersions();
    for (const [index, one] of sample.exports.entries()) await world.deliver(one, `again ${index}`);
    expect(world.versions()).toEqual(before);
    expect(world.goldenVersions()).toEqual(links);
  }, 120_000);

  it("makes no new version when the same rows come shuffled and split into other files", async () => {
    const before = world.versions();
    for (const [index, one] of rearranged().entries()) await world.deliver(one, `rearranged ${index}`);
    const changed = Object.entries(world.versions()).filter(([address, version]) => before[address] !== version);
    expect(changed.map(([address, version]) => `${address} ${before[address]} -> ${version}`)).toEqual([]);
  }, 120_000);

  it("ends in the same clinical resources in whatever order the deliveries come", async () => {
    const other = createWorld();
    for (const [index, one] of rearranged().entries()) await other.deliver(one, `rearranged ${index}`);
    const [expected, got] = [world.clinical(), other.clinical()];
    expect([...got.keys()].sort()).toEqual([...expected.keys()].sort());
    const different = [...expected].filter(([address, one]) => !isDeepStrictEqual(one, got.get(address)));
    expect(different.map(([address, one]) => [address, one, got.get(address)])).toEqual([]);
  }, 120_000);

  it("ends in the same clinical resources when every file comes as an export of its own, those of a night in any order", async () => {
    const other = createWorld();
    const random = seededRandom("file by file");
    let at = later(today, -200 * dayMs);
    for (const one of sample.exports) {
      for (const file of shuffled([...one.files], random)) {
        await other.deliver({ ...one, files: [file] }, `${one.name}/${file.name}`, at);
        at = later(at, 60_000);
      }
      at = later(at, dayMs / 4);
    }
    expect(other.tasks("orphan-row").length).toBeGreaterThan(5);
    const [expected, got] = [world.clinical(), other.clinical()];
    expect([...got.keys()].sort()).toEqual([...expected.keys()].sort());
    const different = [...expected].filter(([address, one]) => !isDeepStrictEqual(one, got.get(address)));
    expect(different.map(([address, one]) => [address, one, got.get(address)])).toEqual([]);
  }, 240_000);

  it("accounts for every row: read = mapped + skipped, and every skipped row is an issue", async () => {
    for (const [index, one] of sample.exports.entries()) {
      const state = await world.deliver(one, `counted ${index}`);
      for (const rows of Object.values(state?.report?.rows ?? {})) expect(rows.read).toBe(rows.mapped + rows.skipped);
    }
  }, 120_000);

  it("stores no identity number and no phone in clear", () => {
    const all = JSON.stringify([...world.everything().values(), ...world.store.all("DEFAULT")]);
    for (const person of sample.people) {
      if (person.number.length > 5) expect(all).not.toContain(person.number);
      if (person.phone.length > 5) expect(all).not.toContain(person.phone);
    }
  });
});
