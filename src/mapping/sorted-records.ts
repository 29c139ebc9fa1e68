import { setImmediate } from "node:timers/promises";
import { mergeRuns } from "./merge-runs.ts";
import { createRecordRun } from "./record-run.ts";
import { openSpillFile, type SpillFile, textsOf } from "./spill-file.ts";

/** Records sorted on disk by key: added, merged once, then looked up. Keys are ASCII without tabs, records without line feeds. */
export interface SortedRecords {
  add(key: string, text: string): void;
  /** Says that all records are there; before the first `of`. */
  merge(): Promise<void>;
  /** Records of a key in the order in which they were added. */
  of(key: string): string[];
  all(): Generator<string>;
  close(): void;
}

const cachedBlocks = 32;

/**
 * Sorted runs in one file, merged into another with the first key of every block in memory (1 GB of rows: some 10 MB). Heads then come in the order of
 * their file and fetch their rows through this index, so that a head may have several joins on different columns, parents stay before children, and
 * nothing waits for heads to be sorted too. Exports are written in order of their numbers, so that a head's rows mostly lie in the block read last.
 */
export function sortOnDisk(folder: string): SortedRecords {
  const run = createRecordRun();
  let runs: SpillFile | undefined = openSpillFile(folder);
  let sorted: SpillFile | undefined;
  const ends: number[] = [];
  const firstKeys: string[] = [];
  const cache = new Map<number, string[]>();

  function writeRun(): void {
    if (runs === undefined) return;
    run.writeTo(runs);
    ends.push(runs.flush());
  }

  function block(number: number): string[] {
    const known = cache.get(number);
    if (known !== undefined) return known;
    const read = sorted === undefined ? [] : textsOf(sorted.read(number));
    if (cache.size >= cachedBlocks) for (const [oldest] of cache) if (cache.delete(oldest)) break;
    cache.set(number, read);
    return read;
  }

  return {
    add(key, text) {
      const record = `${key}\t${text}`;
      if (run.add(record, key.length)) return;
      writeRun();
      run.add(record, key.length);
    },
    async merge() {
      if (runs === undefined) return;
      writeRun();
      sorted = openSpillFile(folder);
      let count = 0;
      for (const record of mergeRuns(runs, ends)) {
        if (sorted.append(record) === firstKeys.length) firstKeys.push(record.toString("latin1", 0, record.indexOf(0x09)));
        if (++count % 4096 === 0) await setImmediate(); // others want their turn
      }
      sorted.flush();
      runs.close();
      runs = undefined;
    },
    of(key) {
      const found: string[] = [];
      const mark = `${key}\t`;
      for (let at = Math.max(0, firstAtLeast(firstKeys, key) - 1); at < firstKeys.length; at++) {
        if ((firstKeys[at] ?? "") > key) break;
        for (const record of block(at)) if (record.startsWith(mark)) found.push(record.slice(mark.length));
      }
      return found;
    },
    *all() {
      for (let at = 0; at < firstKeys.length; at++)
        for (const record of sorted === undefined ? [] : textsOf(sorted.read(at))) yield record.slice(record.indexOf("\t") + 1);
    },
    close() {
      runs?.close();
      sorted?.close();
    },
  };
}

/** Index of the first key that is not less. */
function firstAtLeast(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
