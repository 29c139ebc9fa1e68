/** What every command of `npm run mapping` may be told. */
export interface Options {
  /** Name of the feed; guessed from the names of the files when it is not given. */
  readonly feed?: string;
  /** Folder of all feeds, or of one. */
  readonly mappings: string;
  /** Registry that says which institution a code in a row means; without one every code is its own institution. */
  readonly registry?: string;
  /** Where a result is written. */
  readonly out?: string;
  /** Print JSON for programs instead of text for people. */
  readonly json: boolean;
  /** Most sheets that a preview shows. */
  readonly sheets: number;
  /** Write the expectations of the cases anew. */
  readonly update: boolean;
}

/** A command: its arguments as help shows them, what it does, and the doing. The number is the exit code: 0 good, 1 something is wrong with a mapping or a file. */
export interface Command {
  readonly usage: string;
  readonly summary: string;
  /** Fewest arguments it needs. */
  readonly needs: number;
  run(args: readonly string[], options: Options): Promise<number>;
}

/** Something the person who typed the command can mend; told without a stack. */
export class Mistake extends Error {}

/** `1 case`, `2 cases`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** Prints a line for people. */
export function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a result for programs. */
export function sayJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
