import { fieldOf, type Row, type Run, type Sheet, type Table } from "./compiled.ts";
import { maskValue } from "./mask.ts";

/** Whose a head row is: institution and campus by the registry; undefined, told as an issue, when its code is unknown. Never a default. */
export function resolveInstitution(
  { institution: source }: Table,
  head: Row,
  run: Run,
): { tenant: Sheet["tenant"]; campus?: string } | undefined {
  if (source === undefined) return undefined;
  const code = "always" in source ? source.always : head.cells[source.column.index];
  const found = code === undefined ? undefined : run.deps.institutionOf(run.supplier, code);
  if (found !== undefined) return found;
  run.issues.push({
    severity: "error",
    code: "unknown-institution",
    file: head.file,
    line: head.line,
    ...("column" in source ? { column: source.column.name, field: fieldOf(source.column) } : {}),
    reason:
      code === undefined
        ? "the row names no institution"
        : `the registry knows no institution that this supplier calls by a code like ${maskValue(code)}: register it, or mend the row`,
  });
  return undefined;
}
