import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { SampleExport } from "../../scripts/sample/events.ts";
import type { Row } from "../../scripts/sample/export-files.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { addressOf } from "../../src/fhir/reference.ts";
import { aExport, type Happening, messageOf, people, type Rows, rowsOf, type Tells } from "./mixed-rows.ts";
import { createWholeRegion, loadShipped, type Shipped, type WholeRegion } from "./whole-region.ts";

/** An export, and the night it is sent in: rows that came apart from their sheet belong to the one of their night. */
type Sent = Omit<SampleExport, "name"> & { readonly night?: number };

/** The same at every run; FUZZ_SEED and FUZZ_RUNS try others, and more. */
const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 60), seed: Number(process.env.FUZZ_SEED ?? 1) };
const start = new Date("2026-12-01T00:00:00Z");
let shipped: Shipped;

beforeAll(async () => {
  shipped = await loadShipped(() => start);
}, 60_000);

const one = fc.constantFrom("1", "2");
const order = fc.constantFrom(1, 2, 3);
const items = fc.subarray(["K", "Na", "Cl"], { minLength: 1 });
const named: fc.Arbitrary<Tells> = fc.constantFrom(...people).map(({ number, name }) => ({ number, name }));
const tells = fc.oneof(
  { weight: 6, arbitrary: named },
  // Somebody without a number; a card lent to somebody else.
  { weight: 1, arbitrary: fc.constant({ number: "", name: "无名" }) },
  { weight: 1, arbitrary: fc.constant({ number: people[0].number, name: people[1].name }) },
);
const keys = fc.subarray(["card", "file", "visit"] as const, { minLength: 1 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant("patient" as const),
    who: one,
    keys: fc.constantFrom("both", "card", "file"),
    order,
    tells,
    retracted: rarely(),
  }),
  fc.record({
    kind: fc.constant("visit" as const),
    who: one,
    card: fc.boolean(),
    order,
    state: fc.constantFrom("open", "open", "refunded", "retracted"),
  }),
  report(),
  report(),
  fc.record({ kind: fc.constant("adt" as const), who: one, order, tells, visit: fc.boolean() }),
  fc.record({ kind: fc.constant("merge" as const), from: fc.constant("1"), into: fc.constant("2"), order }),
  fc.record({
    kind: fc.constant("oru" as const),
    report: one,
    who: one,
    order,
    items,
    value: fc.nat(1),
    status: fc.constantFrom("F", "C", "X"),
  }),
);

function rarely() {
  return fc.constantFrom(false, false, false, true);
}

function report(): fc.Arbitrary<Happening> {
  const kind = fc.constant("report" as const);
  const year = fc.constantFrom("2025" as const, "2026" as const);
  return fc.record({ kind, report: one, year, who: one, keys, order, items, value: fc.nat(1), retracted: rarely() });
}

const history = fc
  .array(happening, { minLength: 3, maxLength: 9 })
  .map(agreeing)
  .chain((told) =>
    fc.record({
      told: fc.constant(told),
      shuffled: fc.shuffledSubarray(told, { minLength: told.length }),
      cuts: fc.array(fc.nat(told.length), { maxLength: 4 }),
      seed: fc.nat(),
    }),
  );

/** One issue of a report names its patient one way: two rows of it that contradict each other are nobody's to put in order. */
function agreeing(told: readonly Happening[]): Happening[] {
  return told.map((some) => {
    const same = (other: Happening) =>
      other.kind === "report" && other.order === some.order && issueOf(other)?.sheet === issueOf(some)?.sheet;
    const first = some.kind === "report" ? told.find(same) : undefined;
    return some.kind === "report" && first?.kind === "report" ? { ...some, who: first.who, keys: first.keys } : some;
  });
}

/** Happenings of one issue of one report may come mixed; of two issues of it, never in one export: an indicator does not tell its issue. */
function issueOf(told: Happening): { sheet: string; order: number } | undefined {
  return told.kind === "report"
    ? { sheet: `${told.year} ${told.report}`, order: 2 * told.order + (told.retracted ? 1 : 0) }
    : undefined;
}

/** One after the other, each as an export of its own. */
function oneByOne(told: readonly Happening[]): Sent[] {
  return told.flatMap((some, index) => exportOf([some], `${index}`));
}

/** What A tells as one export, its tables cut in two and their rows turned round; every message of C on its own. A row that came twice comes twice. */
function exportOf(told: readonly Happening[], name: string, turn = 0): Sent[] {
  const rows: Rows = {};
  for (const some of told)
    for (const [table, more] of Object.entries(rowsOf(some) ?? {})) {
      const known = (rows as Record<string, Row[]>)[table] ?? [];
      (rows as Record<string, Row[]>)[table] = turn % 2 === 0 ? [...known, ...more] : [...more, ...known];
    }
  const half = (first: boolean): Rows =>
    Object.fromEntries(Object.entries(rows).map(([table, some]) => [table, some.filter((_, at) => (at % 2 === 0) === first)]));
  const parts = turn === 0 ? [rows] : [half(true), half(false)];
  const files = parts.flatMap((part, index) => aExport(part, `${name}-${index}`).files);
  const messages = told.flatMap((some) => messageOf(some) ?? []);
  return [...(Object.keys(rows).length === 0 ? [] : [{ feed: "a-tb" as const, files }]), ...messages];
}

/** The same happenings in other exports: neighbours together, except two issues of one report. */
function together(told: readonly Happening[], cuts: readonly number[], seed: number): Sent[] {
  const groups: Happening[][] = [[]];
  told.forEach((some, index) => {
    const group = groups.at(-1) ?? [];
    const mine = issueOf(some);
    const mixed =
      mine !== undefined && group.some((other) => issueOf(other)?.sheet === mine.sheet && issueOf(other)?.order !== mine.order);
    if (mixed || cuts.includes(index)) groups.push([some]);
    else group.push(some);
  });
  return groups.flatMap((group, index) => exportOf(group, `${index}`, 1 + (seed % 2)));
}

/** Every file alone: rows wait for their sheets. Of one report the issues come in their order, as rows apart from their sheet belong to the nearest. */
function fileByFile(told: readonly Happening[], seed: number): Sent[] {
  const sorted = new Map(
    [...Map.groupBy(told, (some) => issueOf(some)?.sheet)].map(([sheet, some]) => [sheet, [...some].sort(byOrder)]),
  );
  return told.flatMap((some, index) => {
    const sheet = issueOf(some)?.sheet;
    const next = sheet === undefined ? some : (sorted.get(sheet)?.shift() ?? some);
    // A sheet that comes again as it was leaves no trace of its second night.
    const night = sheet === undefined ? index : told.findIndex((other) => isDeepStrictEqual(issueOf(other), issueOf(next)));
    const files = exportOf([next], `${index}`).flatMap(({ feed, files }) =>
      files.map((file) => ({ feed, files: [file], night })),
    );
    // The rows of a withdrawn issue that came before it would be taken for rows of the issue it withdraws.
    return (seed + index) % 2 === 0 || (next.kind === "report" && next.retracted) ? files : files.reverse();
  });
}

function byOrder(a: Happening, b: Happening): number {
  return (issueOf(a)?.order ?? 0) - (issueOf(b)?.order ?? 0);
}

async function delivered(exports: readonly Sent[]): Promise<WholeRegion> {
  const region = createWholeRegion(shipped);
  await deliver(region, exports, "first");
  return region;
}

async function deliver(region: WholeRegion, exports: readonly Sent[], key: string): Promise<void> {
  for (const [index, some] of exports.entries())
    await region.deliver(some, { key: `${key} ${index}`, at: later(start, (some.night ?? 0) * dayMs + index * 60_000) });
}

/** Local Patients in sets, each of one resident; a Patient on its own is a set too. */
function residentsOf(region: WholeRegion, apart: ReadonlySet<string>): string[] {
  return region
    .goldens()
    .filter((golden) => golden.active !== false)
    .map((golden) =>
      localsOf(golden)
        .filter((local) => !apart.has(local))
        .sort()
        .join(" "),
    )
    .filter((locals) => locals !== "")
    .sort();
}

function localsOf(golden: ReturnType<WholeRegion["goldens"]>[number]): string[] {
  return (golden.link ?? []).flatMap(({ type, other }) => {
    const address = type === "seealso" ? addressOf(other) : undefined;
    return address === undefined ? [] : [`${address.tenant}/${address.id}`];
  });
}

/** What the steward is shown: each waiting record, and each that is linked to the resident it waits under. */
async function shownToSteward(region: WholeRegion): Promise<Set<string>> {
  const reviews = await region.reviews();
  return new Set(
    reviews.flatMap(({ person, linked }) => [person, ...linked].map(({ institution, patient }) => `${institution}/${patient}`)),
  );
}

function differences(expected: WholeRegion, got: WholeRegion): unknown[] {
  const [a, b] = [expected.clinical(), got.clinical()];
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((address) =>
    isDeepStrictEqual(a.get(address), b.get(address)) ? [] : [{ address, expected: a.get(address), got: b.get(address) }],
  );
}

async function expectSamePeople(expected: WholeRegion, got: WholeRegion): Promise<void> {
  // Who stands in the steward's queue, or is what they disagree with, may be linked or wait; the others are where they were.
  const disputed = (await shownToSteward(expected)).union(await shownToSteward(got));
  expect(residentsOf(got, disputed)).toEqual(residentsOf(expected, disputed));
}

describe("everything at once: late parents, rows apart, better keys, retractions, issues, merges, corrected numbers", () => {
  it("ends in the same clinical resources and the same people, however it is shuffled and split", async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ told, shuffled, cuts, seed }) => {
        const expected = await delivered(oneByOne(told));
        for (const exports of [together(shuffled, cuts, seed), fileByFile(shuffled, seed)]) {
          const got = await delivered(exports);
          expect(differences(expected, got)).toEqual([]);
          await expectSamePeople(expected, got);
        }
      }),
      runs,
    );
  }, 300_000);

  it("links nobody to a Patient that was retracted, also when the weaker record that gave way to it comes later", async () => {
    const tells = { number: people[0].number, name: people[0].name };
    const told: Happening[] = [
      {
        kind: "report",
        report: "1",
        year: "2026",
        who: "1",
        keys: ["card", "file"],
        order: 1,
        items: ["Cl"],
        value: 0,
        retracted: false,
      },
      { kind: "patient", who: "1", keys: "both", order: 1, tells, retracted: true },
      { kind: "patient", who: "1", keys: "file", order: 1, tells, retracted: false },
    ];
    for (const some of [told, told.toReversed()]) {
      const region = await delivered(oneByOne(some));
      expect(residentsOf(region, new Set())).toEqual([]);
    }
  });

  it("shows the steward the same people in whatever order two who disagree on one number come", async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ told, shuffled, cuts, seed }) => {
        const shown = async (exports: readonly Sent[]) => [...(await shownToSteward(await delivered(exports)))].sort();
        expect(await shown(together(shuffled, cuts, seed))).toEqual(await shown(oneByOne(told)));
      }),
      runs,
    );
  }, 300_000);

  it("makes no new version of anything, residents included, when all of it comes again", async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ told, shuffled, cuts, seed }) => {
        const region = await delivered(oneByOne(told));
        const before = [region.versions(), region.goldenVersions(), await region.reviews()];
        for (const [index, exports] of [oneByOne(told), together(shuffled, cuts, seed)].entries()) {
          await deliver(region, exports, `again ${index}`);
          expect([region.versions(), region.goldenVersions(), await region.reviews()]).toEqual(before);
        }
      }),
      runs,
    );
  }, 300_000);
});
