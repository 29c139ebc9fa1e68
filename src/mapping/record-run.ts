import type { SpillFile } from "./spill-file.ts";

const runBytes = 8 * 1024 * 1024;

/** Records gathered in one piece of memory outside the JavaScript heap, where nothing of them is left to collect. */
export interface RecordRun {
  /** Takes a record of key, tab and text; false when it is full: then write it out and add again. */
  add(record: string, keyChars: number): boolean;
  /** Writes the records by their keys, those of one key in the order they came, and is empty again. */
  writeTo(file: SpillFile): void;
}

/** An empty run. Keys are ASCII. */
export function createRecordRun(): RecordRun {
  let bytes = Buffer.allocUnsafe(runBytes);
  let used = 0;
  const starts: number[] = [];
  const keyEnds: number[] = [];
  return {
    add(record, keyChars) {
      const most = record.length * 3;
      if (used + most > bytes.length) {
        if (used > 0) return false;
        bytes = Buffer.allocUnsafe(most);
      }
      starts.push(used);
      keyEnds.push(used + keyChars);
      used += bytes.write(record, used);
      return true;
    },
    writeTo(file) {
      const order = Uint32Array.from(starts, (_start, index) => index);
      const start = (index: number) => starts[index] ?? used;
      order.sort(
        (one, other) => bytes.compare(bytes, start(other), keyEnds[other] ?? 0, start(one), keyEnds[one] ?? 0) || one - other,
      );
      for (const index of order) file.append(bytes.subarray(start(index), start(index + 1)));
      used = 0;
      starts.length = 0;
      keyEnds.length = 0;
    },
  };
}
