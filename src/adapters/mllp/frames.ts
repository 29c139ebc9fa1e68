const start = 0x0b;
const end = 0x1c;
const carriageReturn = 0x0d;

/** What a connection's bytes hold: whole messages, or that a message is longer than allowed, or that something stands outside of a frame. */
export type Frame =
  | { readonly kind: "message"; readonly bytes: Buffer }
  | { readonly kind: "too-long" }
  | { readonly kind: "noise" };

/** Cuts a byte stream into MLLP frames (0x0B … 0x1C 0x0D); 0x1C inside a message is kept unless 0x0D follows. */
export interface FrameReader {
  push(chunk: Buffer): Frame[];
  /** Whether a message has begun and not ended. */
  readonly open: boolean;
}

/** `maxBytes`: longest message. After `too-long` or `noise` the connection is of no use any more. */
export function createFrameReader(maxBytes: number): FrameReader {
  let parts: Buffer[] = [];
  let size = 0;
  let inside = false;
  let sawEnd = false;

  const message = (): Frame => {
    const all = Buffer.concat(parts);
    // A second start means that the sender gave up what stood before it; that part is not acknowledged.
    const bytes = all.subarray(all.lastIndexOf(start) + 1);
    parts = [];
    size = 0;
    inside = false;
    return { kind: "message", bytes };
  };
  const keep = (bytes: Buffer) => {
    if (bytes.length === 0) return;
    parts.push(bytes);
    size += bytes.length;
  };
  /** Reads on from `at`; returns where the next look begins. */
  const step = (chunk: Buffer, at: number, frames: Frame[]): number => {
    if (!inside) {
      if (chunk[at] === start) inside = true;
      // Line ends between frames are what careless senders leave.
      else if (chunk[at] !== carriageReturn && chunk[at] !== 0x0a) frames.push({ kind: "noise" });
      return at + 1;
    }
    if (sawEnd) {
      sawEnd = false;
      if (chunk[at] === carriageReturn) {
        frames.push(message());
        return at + 1;
      }
      keep(Buffer.from([end]));
    }
    const stop = chunk.indexOf(end, at);
    keep(Buffer.from(chunk.subarray(at, stop === -1 ? chunk.length : stop)));
    sawEnd = stop !== -1;
    if (size > maxBytes) frames.push({ kind: "too-long" });
    return stop === -1 ? chunk.length : stop + 1;
  };
  return {
    push(chunk) {
      const frames: Frame[] = [];
      for (let at = 0; at < chunk.length; ) {
        at = step(chunk, at, frames);
        const last = frames.at(-1)?.kind;
        if (last === "noise" || last === "too-long") break;
      }
      return frames;
    },
    get open() {
      return inside;
    },
  };
}

/** A message in its frame. */
export function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from([start]), message, Buffer.from([end, carriageReturn])]);
}
