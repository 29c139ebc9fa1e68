import type { ExportState } from "../client/deliver-export.ts";
import type { SampleExport } from "./events.ts";

/** Adds up what became of the deliveries, feed by feed. */
export interface Summary {
  add(made: SampleExport, state: ExportState): void;
  /** A message that was answered without an export to follow. */
  acknowledged(made: SampleExport, code: string): void;
  failed(): number;
  print(seconds: number): void;
}

interface Totals {
  exports: number;
  failed: number;
  read: number;
  mapped: number;
  created: number;
  updated: number;
  unchanged: number;
  readonly issues: Map<string, number>;
  readonly misses: Map<string, number>;
}

/** An empty summary that shows progress on standard output. */
export function createSummary(total: number): Summary {
  const feeds = new Map<string, Totals>();
  let done = 0;
  const totalsOf = (feed: string): Totals => {
    const found = feeds.get(feed) ?? {
      exports: 0,
      failed: 0,
      read: 0,
      mapped: 0,
      created: 0,
      updated: 0,
      unchanged: 0,
      issues: new Map(),
      misses: new Map(),
    };
    feeds.set(feed, found);
    return found;
  };
  const step = (made: SampleExport, what: string) => {
    done += 1;
    if (!isMessage(made) || done % 25 === 0 || done === total)
      console.log(`${String(done).padStart(4)}/${total}  ${made.feed} ${made.name}  ${what}`);
  };
  return {
    add(made, state) {
      const totals = totalsOf(made.feed);
      count(totals, state);
      step(
        made,
        state.status === "failed"
          ? `failed: ${state.reason ?? "no reason given"}`
          : `${state.counts?.created ?? 0} new, ${state.counts?.updated ?? 0} newer`,
      );
    },
    acknowledged(made, code) {
      const totals = totalsOf(made.feed);
      totals.exports += 1;
      bump(totals.issues, code === "AA" ? "taken, not followed" : `refused with ${code}`, 1);
      step(made, code);
    },
    failed: () => [...feeds.values()].reduce((sum, totals) => sum + totals.failed, 0),
    print(seconds) {
      const line = (feed: string, { exports, failed, read, mapped, created, updated, unchanged }: Totals) => ({
        feed,
        exports,
        failed,
        rows: read,
        mapped,
        created,
        updated,
        unchanged,
      });
      console.table([...feeds].map(([feed, totals]) => line(feed, totals)));
      for (const [feed, totals] of feeds) {
        printCounts(`${feed}: rows that did not map as they stand`, totals.issues);
        printCounts(`${feed}: codes in no table`, totals.misses);
      }
      console.log(`delivered in ${seconds.toFixed(1)} s`);
    },
  };
}

function isMessage({ feed }: SampleExport): boolean {
  return feed === "c-adt" || feed === "c-lis";
}

function count(totals: Totals, state: ExportState): void {
  totals.exports += 1;
  if (state.status === "failed") totals.failed += 1;
  for (const rows of Object.values(state.report?.rows ?? {})) {
    totals.read += rows.read;
    totals.mapped += rows.mapped;
  }
  totals.created += state.counts?.created ?? 0;
  totals.updated += state.counts?.updated ?? 0;
  totals.unchanged += state.counts?.unchanged ?? 0;
  for (const [code, times] of Object.entries(state.report?.issues ?? {})) bump(totals.issues, code, times);
  for (const miss of state.report?.tableMisses ?? [])
    bump(totals.misses, [miss.table, miss.code, miss.unit].filter(Boolean).join(" "), miss.count);
}

function bump(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function printCounts(title: string, counts: ReadonlyMap<string, number>): void {
  if (counts.size === 0) return;
  const listed = [...counts].sort((one, other) => other[1] - one[1]);
  console.log(`${title}: ${listed.map(([code, times]) => `${code} ×${times}`).join(", ")}`);
}
