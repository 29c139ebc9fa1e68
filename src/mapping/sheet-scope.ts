import type { Row, Run, Scope, Sheet } from "./compiled.ts";

/** Whose a row is. */
export interface Owner {
  readonly tenant: Sheet["tenant"];
  readonly campus?: string;
}

/** A fresh sheet of a head row, with the scope in which its expressions run. */
export function openSheet(head: Row, owner: Owner, joined: ReadonlyMap<string, readonly Row[]>, run: Run): Scope {
  const sheet: Sheet = {
    head,
    ...owner,
    joined: new Map(joined),
    ids: new Map(),
    rowIds: new Map(),
    made: new Map(),
    references: new Map(),
    aliases: new Map(),
  };
  return { run, sheet, row: head, lets: [], around: [], failed: false };
}
