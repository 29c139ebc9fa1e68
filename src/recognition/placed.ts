import type { Entry, SectionName } from "./policy-schema.ts";

/** What is wrong in a policy, and where. */
export interface PolicyProblem {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** An entry with the place it was read from, for messages. */
export interface Placed<T> {
  readonly entry: T;
  readonly file: string;
  readonly line: number;
}

/** Entries of every section with their places. */
export type PlacedEntries = { readonly [S in SectionName]: Placed<Entry<S>>[] };

/** A problem of an entry, told where the entry stands. */
export function problemAt({ file, line }: Placed<unknown>, reason: string): PolicyProblem {
  return { file, line, reason };
}
