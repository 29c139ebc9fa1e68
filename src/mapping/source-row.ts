import type { Cell, Table } from "./compiled.ts";
import type { IssueCode } from "./mapped.ts";

/** What a reader yields, in file order. */
export type ReadEvent =
  /** A row with the text of each declared column, in declared order. */
  | { readonly kind: "row"; readonly table: Table; readonly cells: readonly Cell[]; readonly line: number }
  /** A row (of `table`, when it is known) that cannot be read. */
  | {
      readonly kind: "bad-row";
      readonly table?: Table;
      readonly code: IssueCode;
      readonly line: number;
      readonly field?: string;
      readonly reason: string;
    }
  /** A message, a line of NDJSON or a whole document has ended: no later row is joined to the rows before by `@message` or `@row`. */
  | { readonly kind: "record-end" }
  /** A column, key or field of the file that no table declares. */
  | { readonly kind: "undeclared"; readonly table: Table; readonly column: string }
  /** Something worth telling about the file that stops nothing. */
  | { readonly kind: "note"; readonly code: IssueCode; readonly line: number; readonly reason: string }
  /** The file cannot be read on; always the last event. */
  | {
      readonly kind: "failed";
      readonly code: IssueCode;
      readonly line?: number;
      readonly field?: string;
      readonly reason: string;
    };

/** A file that cannot be read on, and from which line. */
export interface WrongFile {
  readonly code: IssueCode;
  readonly line?: number;
  readonly field?: string;
  readonly reason: string;
}
