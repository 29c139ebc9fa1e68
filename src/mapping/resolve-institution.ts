import type { Row, Run, Sheet, Table } from "./compiled.ts";

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
    ...("column" in source ? { column: source.column.name, field: source.column.headers[0] ?? source.column.path } : {}),
    reason: code === undefined ? "the row names no institution" : "the registry knows no institution by this supplier's code",
  });
  return undefined;
}
