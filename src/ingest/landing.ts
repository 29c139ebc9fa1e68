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

/** A landed file for mapping; a zip's reader opens it at any place. `size` spares counting, where it is known. */
export function landedFile(
  landing: Pick<Landing, "open">,
  file: { readonly name: string; readonly sha256: string; readonly size?: number | undefined },
) {
  const { name, sha256, size } = file;
  const opened = { name, open: () => landing.open(sha256), openAt: (from: number) => landing.open(sha256, from) };
  return size === undefined ? opened : { ...opened, size };
}
