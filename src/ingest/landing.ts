/** What was stored: its SHA-256 in hex, which is also its address, and its size in bytes before encryption. */
export interface Landed {
  readonly sha256: string;
  readonly size: number;
}

/**
 * The landing folder: raw exports and issue lists, addressed by content, encrypted, durable when `put` returns.
 * Both methods throw `Fault("landing-failed")` when the disk fails or a stored file was tampered with.
 */
export interface Landing {
  /** Streams content in; the same content twice is stored once. Throws `Fault("too-large")`, and whatever the content's own source throws. */
  put(content: AsyncIterable<Uint8Array>): Promise<Landed>;
  /** Streams content out, from byte `from` on; every block is verified before it is given, and a missing end is noticed. */
  open(sha256: string, from?: number): AsyncIterable<Uint8Array>;
  /** Whether there is no such content (any more), while the folder itself works. */
  isGone(sha256: string): Promise<boolean>;
}

/** Stores a value as JSON; its address. */
export async function landJson(landing: Pick<Landing, "put">, value: unknown): Promise<string> {
  return (await landing.put(inOneBlock(Buffer.from(JSON.stringify(value), "utf8")))).sha256;
}

/** The value that `landJson` stored; its shape is its writer's word. */
export async function readJson<T>(landing: Pick<Landing, "open">, sha256: string): Promise<T> {
  const blocks: Uint8Array[] = [];
  for await (const block of landing.open(sha256)) blocks.push(block);
  return JSON.parse(Buffer.concat(blocks).toString("utf8")) as T;
}

/** Content that is at hand whole. */
export async function* inOneBlock(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A landed file for mapping; a zip's reader opens it at any place. `size` spares counting, where it is known. */
export function landedFile(
  landing: Pick<Landing, "open">,
  file: { readonly name: string; readonly sha256: string; readonly size?: number | undefined },
) {
  const { name, sha256, size } = file;
  const opened = { name, open: () => landing.open(sha256), openAt: (from: number) => landing.open(sha256, from) };
  return size === undefined ? opened : { ...opened, size };
}
