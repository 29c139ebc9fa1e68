/** What a `.done` file says of one file of its delivery. */
export interface ListedFile {
  readonly name: string;
  readonly sha256?: string;
  /** Bytes. */
  readonly size?: number;
}

const mostLines = 1000;

/**
 * Reads a `.done` file: empty = everything its name closes; else a line for each file, as `sha256sum` prints them (`<sha256>  <name>`) or the name alone,
 * with a tab and the size in bytes behind it if the sender likes. Returns what is wrong as text.
 */
export function readDoneFile(text: string): readonly ListedFile[] | string {
  const lines = text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  if (lines.length > mostLines) return `the .done file lists more than ${mostLines} files`;
  const listed: ListedFile[] = [];
  for (const [at, line] of lines.entries()) {
    const [, sha256, name, size] = /^(?:([0-9a-fA-F]{64})\s+\*?)?([^\t]+?)(?:\t(\d+))?\s*$/.exec(line) ?? [];
    if (name === undefined || !isFileName(name)) return `line ${at + 1} of the .done file names no file of this folder`;
    if (listed.some((one) => one.name === name)) return `line ${at + 1} of the .done file names a file twice`;
    listed.push({
      name,
      ...(sha256 === undefined ? {} : { sha256: sha256.toLowerCase() }),
      ...(size === undefined ? {} : { size: Number(size) }),
    });
  }
  return listed;
}

/** A plain name: no folder, no control character, no identity number. */
export function isFileName(name: string): boolean {
  return /^[^\p{Cc}/\\]{1,200}$/u.test(name) && name !== "." && name !== ".." && !/\d{17}[\dXx]/.test(name);
}
