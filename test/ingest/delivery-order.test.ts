import { describe, expect, it } from "@jest/globals";
import type { DiagnosticReport } from "@medplum/fhirtypes";
import fc from "fast-check";
import { createRegion, type ReportTold, reportSheet } from "./sheets.ts";

const state = fc.constantFrom("present" as const, "present" as const, "retracted" as const);
const digest = fc.constantFrom("a", "b");
const row = fc.record({ row: fc.constantFrom("1", "2", "3", "4"), digest, state });
const piece: fc.Arbitrary<ReportTold> = fc
  .record({
    report: fc.constantFrom("r", "s"),
    order: fc.constantFrom("1", "2", "3"),
    digest,
    state,
    generation: fc.constantFrom(1, 1, 2),
    rows: fc.uniqueArray(row, { selector: (one) => one.row, maxLength: 3 }),
  })
  // A row belongs to one report, and each row's number to one sheet.
  .map((told) => ({ ...told, rows: told.rows.map((one) => ({ ...one, row: `${told.report}${one.row}` })) }));

/** The same pieces, shuffled and split into exports. */
const deliveries = fc.array(piece, { minLength: 1, maxLength: 7 }).chain((pieces) =>
  fc.record({
    pieces: fc.constant(pieces),
    shuffled: fc.shuffledSubarray(pieces, { minLength: pieces.length }),
    cuts: fc.array(fc.nat(pieces.length), { maxLength: 4 }),
    otherCuts: fc.array(fc.nat(pieces.length), { maxLength: 4 }),
    replay: fc.boolean(),
    entries: fc.constantFrom(3, 4, 100),
  }),
);

function split(pieces: readonly ReportTold[], cuts: readonly number[]): ReportTold[][] {
  const at = [0, ...[...cuts].sort((a, b) => a - b), pieces.length];
  return at.slice(1).map((end, index) => pieces.slice(at[index], end));
}

async function delivered(exports: readonly (readonly ReportTold[])[], how: { replay?: boolean; entries?: number } = {}) {
  const region = createRegion();
  for (const [index, one] of exports.entries())
    await region.deliver(
      one.map((told) => reportSheet(told)),
      { ...how, name: `export ${index}` },
    );
  return region;
}

describe("the order of deliveries", () => {
  it("leaves no trace when exports run side by side", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ pieces, shuffled, cuts, otherCuts, replay, entries }) => {
        const one = await delivered(split(pieces, cuts));
        const region = createRegion();
        await Promise.all(
          split(shuffled, otherCuts).map((some, index) =>
            region.deliver(
              some.map((told) => reportSheet(told)),
              { replay, entries, name: `export ${index}` },
            ),
          ),
        );
        expect(region.clinical()).toEqual(one.clinical());
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it("leaves no trace: shuffled and split differently, the same sheets end in the same resources", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ pieces, shuffled, cuts, otherCuts, replay, entries }) => {
        const one = await delivered(split(pieces, cuts));
        const other = await delivered(split(shuffled, otherCuts), { replay, entries });
        expect(other.clinical()).toEqual(one.clinical());
      }),
      { numRuns: 400 },
    );
  });

  it("makes no new version of what was delivered before, in whatever arrangement it comes again", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ pieces, shuffled, cuts, otherCuts, replay, entries }) => {
        const region = await delivered(split(pieces, cuts));
        const before = region.versions();
        const provenances = region.store.all("a-provincial" as never).length;
        for (const one of split(shuffled, otherCuts))
          await region.deliver(
            one.map((told) => reportSheet(told)),
            { replay, entries },
          );
        expect(region.versions()).toEqual(before);
        expect(region.store.all("a-provincial" as never)).toHaveLength(provenances);
      }),
      { numRuns: 300 },
    );
  });

  it("ends as the rules say: the latest issue's rows are current, all others are entered in error", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ shuffled, cuts, replay, entries }) => {
        const region = await delivered(split(shuffled, cuts), { replay, entries });
        for (const report of region.clinical().filter((one) => one.resourceType === "DiagnosticReport")) {
          const mine = shuffled.filter((one) => one.report === report.id);
          const latest = mine
            .map((one) => one.order ?? "")
            .sort()
            .at(-1);
          const current = mine.filter((one) => one.order === latest);
          const isWithdrawn = current.some((one) => one.state === "retracted");
          const rowsOf = (some: readonly ReportTold[]) =>
            [...new Set(some.flatMap((one) => one.rows ?? []).map((one) => one.row))].sort();
          expect(refs(report as DiagnosticReport)).toEqual(rowsOf(current).map((one) => `Observation/${one}`));
          expect((report as DiagnosticReport).status).toBe(isWithdrawn ? "entered-in-error" : "final");
          for (const id of rowsOf(mine)) {
            const told = current.flatMap((one) => one.rows ?? []).filter((one) => one.row === id);
            const isCurrent = !isWithdrawn && told.length > 0 && told.every((one) => one.state === "present");
            const stored = region.clinical().find((one) => one.resourceType === "Observation" && one.id === id);
            expect(stored).toMatchObject({ status: isCurrent ? "final" : "entered-in-error" });
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

function refs(report: DiagnosticReport): (string | undefined)[] {
  return (report.result ?? []).map((one) => one.reference);
}
