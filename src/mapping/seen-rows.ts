import type { Row } from "./compiled.ts";
import { openSpillFile, type SpillFile, textsOf } from "./spill-file.ts";
import type { Spill } from "./stored-row.ts";

/** Finds rows that stand in a file twice. */
export interface SeenRows<T extends Row> {
  /** Whether the identical row came before. `unsure` rows are kept here until `settle` can tell. */
  see(row: T): "new" | "seen" | "unsure";
  /** So many rows wait that `settle` is due. */
  full(): boolean;
  /** The rows that waited, in the order of the file. */
  settle(): { readonly row: T; readonly seen: boolean }[];
  close(): void;
}

const filterBits = 2 ** 27; // 16 MB: at 10 million rows one new row in two hundred is unsure
const probes = 4;
const digestChars = 24; // 96 bits of a row's digest are enough to tell the rows of a file apart

/**
 * Remembers digests exactly while they are few. After that a Bloom filter of fixed size says "new" for certain; what it does not say waits until one
 * pass over the list of digests on disk has told: memory stays flat and no row is called a duplicate by chance.
 */
export function createSeenRows<T extends Row>(spill: Spill): SeenRows<T> {
  const exact = new Set<string>();
  let filter: Uint32Array | undefined;
  let list: SpillFile | undefined;
  let count = 0;
  let waiting: { row: T; digest: string; at: number }[] = [];

  function goToDisk(): void {
    filter = new Uint32Array(filterBits / 32);
    list = openSpillFile(spill.folder);
    for (const digest of exact) note(digest);
    exact.clear();
  }

  /** Adds a digest to the list and the filter; true when the filter had all its bits already. */
  function note(digest: string): boolean {
    list?.append(Buffer.from(digest));
    count++;
    let known = true;
    let bit = hash(digest, 0x811c9dc5);
    const step = hash(digest, 0x01234567) | 1;
    for (let probe = 0; probe < probes; probe++, bit = (bit + step) >>> 0) {
      const at = bit % filterBits;
      const mask = 1 << (at & 31);
      const word = filter?.[at >>> 5] ?? 0;
      if ((word & mask) !== 0) continue;
      known = false;
      if (filter !== undefined) filter[at >>> 5] = word | mask;
    }
    return known;
  }

  return {
    see(row) {
      const digest = row.digest.slice(-digestChars);
      if (list === undefined) {
        if (exact.has(digest)) return "seen";
        exact.add(digest);
        if (exact.size >= spill.memoryRows) goToDisk();
        return "new";
      }
      const at = count;
      if (!note(digest)) return "new";
      waiting.push({ row, digest, at });
      return "unsure";
    },
    full: () => waiting.length >= spill.memoryRows,
    settle() {
      if (waiting.length === 0) return [];
      const firstAt = new Map<string, number>(waiting.map(({ digest }) => [digest, Number.POSITIVE_INFINITY]));
      const blocks = list?.flush() ?? 0;
      let at = 0;
      for (let block = 0; block < blocks; block++) {
        for (const digest of list === undefined ? [] : textsOf(list.read(block))) {
          if (firstAt.get(digest) === Number.POSITIVE_INFINITY) firstAt.set(digest, at);
          at++;
        }
      }
      const settled = waiting.map(({ row, digest, at: own }) => ({ row, seen: (firstAt.get(digest) ?? own) < own }));
      waiting = [];
      return settled;
    },
    close: () => list?.close(),
  };
}

/** FNV-1a from a given start. */
function hash(text: string, start: number): number {
  let value = start;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
