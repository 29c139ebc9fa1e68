/** Numbers in [0, below), the same every time for one seed. */
export type Draw = (below: number) => number;

/** A small seeded generator (mulberry32). */
export function seeded(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

/** A mutated file, and which of its pieces (0 = the first) are not the bytes they were. */
export interface Mutated {
  readonly bytes: Buffer;
  readonly touched: ReadonlySet<number>;
  /** Bytes that came or went. */
  readonly changed: Buffer;
  readonly kind: string;
}

const insertions: readonly Buffer[] = [
  ..."\",|^~&\\\t\r\n<>{}[]:;'=/ \0\u00ff".split("").map((sign) => Buffer.from(sign, "latin1")),
  Buffer.from("张"),
  Buffer.from([0xd5, 0xc5]), // 张 in GB18030
  Buffer.from([0xff, 0xfe]),
  Buffer.from("\r\n\r\n"),
  Buffer.from("MSH|"),
  Buffer.from("&nbsp;"),
  Buffer.from("]]>"),
  Buffer.from("x".repeat(20_000)),
];

interface Edit {
  readonly kind: string;
  readonly at: number;
  readonly removed: number;
  readonly inserted: Buffer;
}

/** Breaks a file, given as its pieces (header and records, messages, …), in one of many ways, sometimes at two places. */
export function mutate(pieces: readonly Buffer[], draw: Draw): Mutated {
  if (pieces.length > 2 && draw(8) === 0) return reorder(pieces, draw);
  const whole = Buffer.concat(pieces);
  const edits = Array.from({ length: draw(4) === 0 ? 2 : 1 }, () => edit(whole, draw)).sort((one, other) => other.at - one.at);
  const [last, first] = edits;
  if (first !== undefined && last !== undefined && first.at + first.removed >= last.at) edits.pop();
  const bytes = edits.reduce(
    (all, { at, removed, inserted }) => Buffer.concat([all.subarray(0, at), inserted, all.subarray(at + removed)]),
    whole,
  );
  const changed = edits.flatMap(({ at, removed, inserted }) => [whole.subarray(at, at + removed), inserted]);
  const touched = new Set(edits.flatMap((one) => touchedBy(one, pieces)));
  return { bytes, touched, changed: Buffer.concat(changed), kind: edits.map(({ kind }) => kind).join("+") };
}

/** The pieces whose bytes an edit changes, or whose beginning is no longer where a piece begins. */
function touchedBy({ at, removed }: Edit, pieces: readonly Buffer[]): number[] {
  const touched: number[] = [];
  let start = 0;
  for (const [index, piece] of pieces.entries()) {
    const end = start + piece.length;
    if (at < end && at + removed >= start) touched.push(index);
    start = end;
  }
  return at >= start ? [pieces.length - 1] : touched;
}

function edit(whole: Buffer, draw: Draw): Edit {
  const at = draw(whole.length);
  const nothing = Buffer.alloc(0);
  switch (draw(9)) {
    case 0:
    case 1:
      return { kind: "flip", at, removed: 1, inserted: Buffer.of((whole[at] ?? 0) ^ (1 << draw(8))) };
    case 2:
    case 3:
      return { kind: "insert", at, removed: 0, inserted: insertions[draw(insertions.length)] ?? nothing };
    case 4:
    case 5:
      return { kind: "remove", at, removed: Math.min(whole.length - at, 1 + draw(draw(3) === 0 ? 60 : 4)), inserted: nothing };
    case 6: {
      const inserted = Buffer.from(Array.from({ length: 1 + draw(6) }, () => draw(256)));
      return { kind: "overwrite", at, removed: Math.min(whole.length - at, inserted.length), inserted };
    }
    case 7:
      return { kind: "cut-off", at, removed: whole.length - at, inserted: nothing };
    default: {
      const removed = Math.min(whole.length - at, 1 + draw(30));
      const text = whole.subarray(at, at + removed).toString("latin1");
      return { kind: "recode", at, removed, inserted: Buffer.from(text, draw(2) === 0 ? "utf8" : "utf16le") };
    }
  }
}

/** A piece after the first one comes twice, or changes places with another. */
function reorder(pieces: readonly Buffer[], draw: Draw): Mutated {
  const [one, other] = [1 + draw(pieces.length - 1), 1 + draw(pieces.length - 1)];
  const order = [...pieces];
  const twice = draw(2) === 0;
  if (twice) order.splice(other, 0, pieces[one] as Buffer);
  else [order[one], order[other]] = [pieces[other] as Buffer, pieces[one] as Buffer];
  return { bytes: Buffer.concat(order), touched: new Set(), changed: Buffer.alloc(0), kind: twice ? "repeat" : "swap" };
}
