import { type Dimension, dimensions, type Measure, measures } from "./measures.ts";
import type { BrokenDown, Tally } from "./tally.ts";

/** Where one thing counts: whose day it is (人次), and its key in each breakdown it has one in. */
export interface Counted {
  readonly visit: string;
  readonly keys: Readonly<Partial<Record<Dimension, string>>>;
  /** 分 or results; absent = 1. */
  readonly amount?: number;
}

interface Bin {
  readonly items: Partial<Record<Measure, number>>;
  readonly visits: Map<Measure, Set<string>>;
}

/** Counts things one by one into a total and its breakdowns. */
export function createCounting(): { add(measure: Measure, counted: Counted): void; done(): BrokenDown } {
  const total = newBin();
  const rows = new Map<Dimension, Map<string, Bin>>(dimensions.map((one) => [one, new Map()]));
  return {
    add(measure, counted) {
      put(total, measure, counted);
      for (const [dimension, key] of Object.entries(counted.keys) as [Dimension, string][]) {
        const row = rows.get(dimension);
        const bin = row?.get(key) ?? newBin();
        row?.set(key, bin);
        put(bin, measure, counted);
      }
    },
    done() {
      const by = [...rows].map(([dimension, row]) => [
        dimension,
        Object.fromEntries([...row].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, bin]) => [key, tallyOf(bin)])),
      ]);
      return { total: tallyOf(total), by: Object.fromEntries(by) as BrokenDown["by"] };
    },
  };
}

function newBin(): Bin {
  return { items: {}, visits: new Map() };
}

function put(bin: Bin, measure: Measure, { visit, amount = 1 }: Counted): void {
  const sum = (bin.items[measure] ?? 0) + amount;
  if (sum !== 0) bin.items[measure] = sum;
  if (measures[measure].unit !== "cases") return;
  const seen = bin.visits.get(measure) ?? new Set();
  bin.visits.set(measure, seen.add(visit));
}

function tallyOf({ items, visits }: Bin): Tally {
  return { items, visits: Object.fromEntries([...visits].map(([measure, seen]) => [measure, seen.size])) };
}
