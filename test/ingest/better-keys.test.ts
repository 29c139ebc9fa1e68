import { describe, expect, it } from "@jest/globals";
import type { DiagnosticReport, Patient } from "@medplum/fhirtypes";
import fc from "fast-check";
import { createRegionOfPeople, type Keys, type RegionOfPeople, type Told } from "./region-of-people.ts";
import { tenant } from "./sheets.ts";

const both: Keys = { card: "1", file: "1" };
const report = (id: string, keys: Keys, order?: string): Told => ({
  kind: "report",
  id,
  keys,
  ...(order === undefined ? {} : { order }),
});

async function delivered(...deliveries: readonly (readonly Told[])[]): Promise<RegionOfPeople> {
  const region = createRegionOfPeople();
  for (const [index, one] of deliveries.entries()) {
    await region.deliver(one, `export ${index}`);
    await region.settle();
  }
  return region;
}

const subjects = (region: RegionOfPeople) =>
  Object.fromEntries(
    region
      .clinical()
      .filter((one): one is DiagnosticReport => one.resourceType === "DiagnosticReport")
      .map((one) => [one.id, one.subject?.reference]),
  );
const patients = (region: RegionOfPeople) =>
  Object.fromEntries(
    region
      .clinical()
      .filter((one): one is Patient => one.resourceType === "Patient")
      .map((one) => [one.id, one.link?.[0]?.other.reference ?? (one.active ? "stands" : "inactive")]),
  );

describe("a better key of a person", () => {
  it.each`
    said                                                     | deliveries                                                                                                                                                 | a
    ${"known before: the weaker key means the better"}       | ${[[report("b", both)], [report("a", { file: "1" })]]}                                                                                                     | ${"Patient/card-1"}
    ${"that comes later: the resources move"}                | ${[[report("a", { file: "1" })], [report("b", both)]]}                                                                                                     | ${"Patient/card-1"}
    ${"in one export with the weaker one"}                   | ${[[report("a", { file: "1" }), report("b", both)]]}                                                                                                       | ${"Patient/card-1"}
    ${"the patient's own record with both keys, afterwards"} | ${[[report("a", { file: "1" })], [{ kind: "patient", keys: both }]]}                                                                                       | ${"Patient/card-1"}
    ${"a visit that names the person, afterwards"}           | ${[[report("a", { visit: "7" })], [{ kind: "visit", visit: "7", keys: { card: "1" } }]]}                                                                   | ${"Patient/card-1"}
    ${"a visit that named the person before"}                | ${[[{ kind: "visit", visit: "7", keys: { card: "1" } }], [report("a", { visit: "7" })]]}                                                                   | ${"Patient/card-1"}
    ${"a visit that names a file, whose card comes last"}    | ${[[report("a", { visit: "7" })], [{ kind: "visit", visit: "7", keys: { file: "1" } }], [report("b", both)]]}                                              | ${"Patient/card-1"}
    ${"a visit whose card is corrected"}                     | ${[[report("a", { visit: "7" })], [{ kind: "visit", visit: "7", keys: { card: "2" } }], [{ kind: "visit", visit: "7", keys: { card: "1" }, order: "2" }]]} | ${"Patient/card-1"}
  `("$said", async ({ deliveries, a }) => {
    expect(subjects(await delivered(...(deliveries as Told[][]))).a).toBe(a);
  });

  it("makes the weaker Patient inactive, with what its own record tells, and keeps the ids of what moved", async () => {
    const region = await delivered(
      [{ kind: "patient", keys: { file: "1" }, name: "某某" }, report("a", { file: "1" })],
      [report("b", both)],
    );
    const weaker = region.clinical().find((one) => one.id === "file-1");
    expect(weaker).toMatchObject({
      active: false,
      name: [{ text: "某某" }],
      link: [{ type: "replaced-by", other: { reference: "Patient/card-1" } }],
    });
    expect(region.moves).toEqual(["file-1 card-1"]);
    expect(region.store.versionOf(tenant, "DiagnosticReport", "a")).toBe(2);
  });

  it("stays with the weaker Patient when its own record comes later", async () => {
    const region = await delivered([report("b", both)], [{ kind: "patient", keys: { file: "1" } }]);
    expect(patients(region)).toEqual({ "card-1": "stands", "file-1": "Patient/card-1" });
    expect(region.moves).toEqual(["file-1 card-1"]);
  });

  it("costs a pack one search and one batch, and nothing once it is known", async () => {
    const region = createRegionOfPeople();
    const told = (n: number): Told => report(`r${n}`, both);
    await region.deliver([told(1), told(2), told(3)], "first");
    const to = (requests: readonly string[]) => requests.filter((one) => one.includes(tenant));
    const first = to(region.store.requests).length;
    await region.deliver([told(4), told(5), told(6)], "other");
    expect(first).toBeLessThanOrEqual(4);
    expect(to(region.store.requests).slice(first)).toEqual([`readMany ${tenant} Patient 2`, `commit ${tenant} 4`]);
  });

  it("survives an end at any point: what was written before is found again by a replay", async () => {
    const deliveries = [[report("a", { file: "1" })], [report("b", both)]];
    const whole = (await delivered(...deliveries)).clinical();
    for (let stopAt = 1; stopAt < 12; stopAt++) {
      const region = await delivered(deliveries[0] ?? []);
      let calls = 0;
      const { commit, createMissing } = region.store;
      const stopping =
        <A extends unknown[], R>(call: (...args: A) => R) =>
        (...args: A): R => {
          if (++calls === stopAt) throw new Error("killed");
          return call(...args);
        };
      Object.assign(region.store, { commit: stopping(commit), createMissing: stopping(createMissing) });
      await region
        .deliver(deliveries[1] ?? [], "second")
        .then(() => region.settle())
        .catch(() => undefined);
      Object.assign(region.store, { commit, createMissing });
      await region.deliver(deliveries[1] ?? [], "second");
      await region.settle();
      expect(region.clinical()).toEqual(whole);
    }
  });
});

describe("a merge", () => {
  const merge = (from: string, into: string, order: string): Told => ({
    kind: "merge",
    from: { card: from },
    into: { card: into },
    order,
  });

  it.each`
    said                                         | deliveries                                                                        | a
    ${"moves what is stored"}                    | ${[[report("a", { card: "1" })], [merge("1", "2", "1")]]}                         | ${"Patient/card-2"}
    ${"turns what comes later"}                  | ${[[merge("1", "2", "1")], [report("a", { card: "1" })]]}                         | ${"Patient/card-2"}
    ${"is followed through a second one"}        | ${[[report("a", { card: "1" })], [merge("1", "2", "1")], [merge("2", "3", "1")]]} | ${"Patient/card-3"}
    ${"gives way to a later one"}                | ${[[report("a", { card: "1" })], [merge("1", "2", "1")], [merge("1", "3", "2")]]} | ${"Patient/card-3"}
    ${"outranks an earlier one that comes last"} | ${[[report("a", { card: "1" })], [merge("1", "3", "2")], [merge("1", "2", "1")]]} | ${"Patient/card-3"}
    ${"the other way round, later, undoes it"}   | ${[[report("a", { card: "1" })], [merge("1", "2", "1")], [merge("2", "1", "2")]]} | ${"Patient/card-1"}
  `("$said", async ({ deliveries, a }) => {
    expect(subjects(await delivered(...(deliveries as Told[][]))).a).toBe(a);
  });
});

const make = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const key = fc.constantFrom("1", "2");
const keys = fc
  .record({ card: make(key), file: make(key), visit: make(key) })
  .filter(({ card, file, visit }) => card !== undefined || file !== undefined || visit !== undefined)
  .map((some) => Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)) as Keys);
const orders = fc.constantFrom("1", "2", "3");
const told: fc.Arbitrary<Told> = fc.oneof(
  fc.record({ kind: fc.constant("report" as const), id: fc.constantFrom("a", "b", "c", "d"), keys, order: orders }),
  fc.record({ kind: fc.constant("report" as const), id: fc.constantFrom("a", "b", "c", "d"), keys, order: orders }),
  key.chain((visit) =>
    fc.record({
      kind: fc.constant("visit" as const),
      visit: fc.constant(visit),
      keys: keys.map((some) => ({ ...some, visit })),
      order: orders,
    }),
  ),
  fc.record({
    kind: fc.constant("patient" as const),
    keys: keys.filter(({ card, file }) => (card ?? file) !== undefined),
    order: orders,
  }),
  fc.record({
    kind: fc.constant("merge" as const),
    from: fc.record({ card: key }),
    into: fc.record({ card: key }),
    order: orders,
  }),
);
const deliveries = fc
  .uniqueArray(told, { minLength: 2, maxLength: 9, selector: (one) => JSON.stringify(one) })
  .chain((pieces) =>
    fc.record({
      pieces: fc.constant(pieces),
      shuffled: fc.shuffledSubarray(pieces, { minLength: pieces.length }),
      cuts: fc.array(fc.nat(pieces.length), { maxLength: 4 }),
      otherCuts: fc.array(fc.nat(pieces.length), { maxLength: 4 }),
      late: fc.boolean(),
    }),
  );

function split(pieces: readonly Told[], cuts: readonly number[]): Told[][] {
  const at = [0, ...[...cuts].sort((a, b) => a - b), pieces.length];
  return at.slice(1).map((end, index) => pieces.slice(at[index], end));
}

describe("the order of deliveries, with people known by several keys", () => {
  it("leaves no trace: the same rows in any order end in the same resources", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ pieces, shuffled, cuts, otherCuts, late }) => {
        const one = await delivered(...split(pieces, cuts));
        const other = createRegionOfPeople();
        for (const [index, some] of split(shuffled, otherCuts).entries()) {
          await other.deliver(some, `export ${index}`);
          if (!late) await other.settle();
        }
        await other.settle();
        await other.settle();
        expect(other.clinical()).toEqual(one.clinical());
      }),
      { numRuns: 400 },
    );
  }, 120_000);

  it("leaves none when exports run side by side and their moves are chased afterwards", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ pieces, shuffled, cuts, otherCuts }) => {
        const one = await delivered(...split(pieces, cuts));
        const other = createRegionOfPeople();
        await Promise.all(split(shuffled, otherCuts).map((some, index) => other.deliver(some, `export ${index}`)));
        await other.settle();
        await other.settle();
        expect(other.clinical()).toEqual(one.clinical());
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});
