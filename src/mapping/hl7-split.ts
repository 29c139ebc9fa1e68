/** The bytes of one message (or of what stands before the first one) and the line it begins on. */
export interface MessageBytes {
  readonly bytes: Buffer;
  readonly line: number;
  /** Stands before the first message: batch headers, or something that is no HL7 v2. */
  readonly prologue: boolean;
}

const longestMessage = 16 * 1024 * 1024;
const lookAhead = 16;
const [lf, cr, startBlock] = [0x0a, 0x0d, 0x0b];
const usualDelimiters = Buffer.from("^~\\&|");

/**
 * Cuts a stream into messages before anything is decoded, as each may have its own character set: at `MSH` at the beginning of a line (also in a line
 * whose end before it is lost, when its delimiters follow), and at a line that declares delimiters but whose name is damaged, so that a broken message
 * never becomes part of the one before it. Ends with undefined when a message is longer than 16 MB.
 */
export async function* splitMessages(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<MessageBytes | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let prologue = true;
  function* cut(end: boolean): Generator<MessageBytes> {
    const starts = messageStarts(rest, prologue ? 0 : 1).filter((at) => end || at < rest.length - lookAhead);
    const places = [...(prologue && starts[0] === 0 ? [] : [0]), ...starts, ...(end ? [rest.length] : [])];
    for (let index = 0; index + 1 < places.length; index++) {
      const bytes = rest.subarray(places[index], places[index + 1]);
      yield { bytes, line, prologue: prologue && starts[0] !== places[index] };
      if (starts.length > 0) prologue = false;
      line += lineEnds(bytes);
    }
    if (places.length > 1 || starts[0] === 0) prologue = prologue && starts.length === 0;
    rest = rest.subarray(places.at(-1) ?? 0);
  }
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    size += piece.length;
    if (size < 64 * 1024) continue;
    rest = Buffer.concat([rest, ...waiting]);
    [waiting, size] = [[], 0];
    yield* cut(false);
    if (rest.length <= longestMessage) continue;
    yield undefined;
    return;
  }
  rest = Buffer.concat([rest, ...waiting]);
  yield* cut(true);
}

function messageStarts(bytes: Buffer, from: number): number[] {
  const starts = new Set<number>();
  for (let at = bytes.indexOf("MSH", from); at >= 0; at = bytes.indexOf("MSH", at + 1)) {
    if (beginsLine(bytes, at) || declaresDelimiters(bytes, at)) starts.add(at);
  }
  for (let at = bytes.indexOf(usualDelimiters, from); at >= 0; at = bytes.indexOf(usualDelimiters, at + 1)) {
    const start = damagedStart(bytes, at - 1, from);
    if (start !== undefined) starts.add(start);
  }
  return [...starts].sort((one, other) => one - other);
}

function beginsLine(bytes: Buffer, at: number): boolean {
  if (at === 0) return true;
  const before = bytes[at - 1];
  return before === cr || before === lf || before === startBlock || (at === 3 && before === 0xbf);
}

/** `MSH|^~\&|` in the middle of a line: the line end before it is lost. */
function declaresDelimiters(bytes: Buffer, at: number): boolean {
  const declared = bytes.subarray(at + 3, at + 9).toString("latin1");
  return /^([!-/:-@[-`{-~])[!-/:-@[-`{-~]{4}\1$/.test(declared);
}

/** Where a line begins that declares the usual delimiters like MSH does, but is named otherwise. */
function damagedStart(bytes: Buffer, separator: number, from: number): number | undefined {
  let start = separator;
  while (start > from && start > separator - 8 && !beginsLine(bytes, start)) start--;
  if (!beginsLine(bytes, start)) return undefined;
  const name = bytes.subarray(start, separator).toString("latin1");
  return name === "MSH" || name === "FHS" || name === "BHS" || name.includes("MSH") ? undefined : start;
}

/** Line ends of any kind, CR LF counted once. */
function lineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === lf || (byte === cr && bytes[at + 1] !== lf)) count++;
  }
  return count;
}
