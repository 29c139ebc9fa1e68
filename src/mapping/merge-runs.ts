import type { SpillFile } from "./spill-file.ts";

/** Where reading a run stands: its block in hand and the record in it. */
interface Cursor {
  readonly run: number;
  readonly end: number;
  block: number;
  bytes: Buffer;
  start: number;
  tab: number;
  stop: number;
}

const tab = 0x09;
const newline = 0x0a;

/** The records of all runs (ends: the block after each) by key, of equal keys those of the earlier run first. Only good until the next is asked for. */
export function* mergeRuns(file: SpillFile, ends: readonly number[]): Generator<Buffer> {
  const heap: Cursor[] = [];
  for (const [run, end] of ends.entries()) {
    const cursor: Cursor = { run, end, block: (ends[run - 1] ?? 0) - 1, bytes: Buffer.alloc(0), start: 0, tab: 0, stop: -1 };
    if (advance(file, cursor)) heap.push(cursor);
  }
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(heap, at);
  for (let [top] = heap; top !== undefined; [top] = heap) {
    yield top.bytes.subarray(top.start, top.stop);
    if (!advance(file, top)) {
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) heap[0] = last;
    }
    sink(heap, 0);
  }
}

function advance(file: SpillFile, cursor: Cursor): boolean {
  cursor.start = cursor.stop + 1;
  if (cursor.start >= cursor.bytes.length) {
    if (++cursor.block >= cursor.end) return false;
    cursor.bytes = file.read(cursor.block);
    cursor.start = 0;
  }
  cursor.tab = cursor.bytes.indexOf(tab, cursor.start);
  cursor.stop = cursor.bytes.indexOf(newline, cursor.tab);
  return true;
}

function sink(heap: Cursor[], from: number): void {
  for (let at = from; ; ) {
    const left = 2 * at + 1;
    let least = isBefore(heap[left], heap[at]) ? left : at;
    if (isBefore(heap[left + 1], heap[least])) least = left + 1;
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least] as Cursor, heap[at] as Cursor];
    at = least;
  }
}

function isBefore(one: Cursor | undefined, other: Cursor | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const order = one.bytes.compare(other.bytes, other.start, other.tab, one.start, one.tab);
  return order === 0 ? one.run < other.run : order < 0;
}
