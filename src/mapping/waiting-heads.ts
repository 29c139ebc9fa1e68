import { openSpillFile, type SpillFile, textsOf } from "./spill-file.ts";
import { charsOf, type RowCodec, type Spill, type StoredRow } from "./stored-row.ts";

/** Head rows of files that hold joined rows too: they wait until all joined rows are read. */
export interface WaitingHeads {
  add(row: StoredRow): void;
  /** In the order in which they came. */
  all(): Generator<StoredRow>;
  close(): void;
}

/** An empty list; what does not fit into memory waits on disk. */
export function createWaitingHeads(codec: RowCodec, spill: Spill): WaitingHeads {
  const first: StoredRow[] = [];
  let chars = 0;
  let rest: SpillFile | undefined;
  return {
    add(row) {
      chars += charsOf(row);
      if (rest === undefined && first.length < spill.memoryRows && chars < spill.memoryChars) first.push(row);
      else {
        rest ??= openSpillFile(spill.folder);
        rest.append(Buffer.from(codec.encode(row)));
      }
    },
    *all() {
      yield* first;
      const blocks = rest?.flush() ?? 0;
      for (let block = 0; block < blocks; block++)
        for (const text of rest === undefined ? [] : textsOf(rest.read(block))) yield codec.decode(text, "unread");
    },
    close: () => rest?.close(),
  };
}
