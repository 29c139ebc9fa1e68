import type { Column, Row, Run, Table } from "./compiled.ts";
import type { Join, Template } from "./compiled-template.ts";
import { identityOf, type KeyAlternative } from "./identity.ts";
import type { OrphanRow } from "./mapped.ts";
import { type Owner, openSheet } from "./sheet-scope.ts";

/**
 * The sheet that a joined row waits for: its head's reference, computed from the columns it is joined on. Undefined when they do not cover the key of
 * the head, or the row does not say whose it is; then nothing can wait for it.
 */
export function orphanHead(templates: readonly Template[], row: Row, run: Run): OrphanRow | undefined {
  for (const template of templates) {
    for (const join of template.joins) {
      const head = join.table === row.table ? headOf(template, join, row, run) : undefined;
      if (head !== undefined) return head;
    }
  }
  return undefined;
}

function headOf(template: Template, join: Join, row: Row, run: Run): OrphanRow | undefined {
  const rule = template.emissions[0]?.rule;
  if (rule === undefined) return undefined;
  const covered = coveredKeys(rule.alternatives, join);
  const owner =
    covered.length === 0
      ? undefined
      : (ownerOf(row.table, row, run) ?? ownerOf(template.table, asHead(template.table, join, row), run));
  if (owner === undefined) return undefined;
  const scope = openSheet(asHead(template.table, join, row), owner, new Map(), run);
  const identity = identityOf({ ...rule, alternatives: covered }, scope);
  if (identity === undefined) return undefined;
  return { tenant: owner.tenant, head: `${rule.type}/${identity.id}`, table: row.table.name, file: row.file, line: row.line };
}

/** The keys that need nothing but join columns, up to the first that needs more: whether that one is complete cannot be known. */
function coveredKeys(alternatives: readonly KeyAlternative[], { headColumns }: Join): readonly KeyAlternative[] {
  const known: ReadonlySet<Column> = new Set(headColumns);
  const open = alternatives.findIndex(({ reads }) => [...reads].some((column) => !known.has(column)));
  return open < 0 ? alternatives : alternatives.slice(0, open);
}

/** The head row as far as the joined row tells it. */
function asHead(table: Table, { headColumns, columns }: Join, row: Row): Row {
  const cells = new Array<string | undefined>(table.columns.length).fill(undefined);
  for (const [index, column] of headColumns.entries()) cells[column.index] = row.cells[columns[index]?.index ?? -1];
  return { ...row, table, cells };
}

function ownerOf({ institution: source }: Table, row: Row, run: Run): Owner | undefined {
  if (source === undefined) return undefined;
  const code = "always" in source ? source.always : row.cells[source.column.index];
  return code === undefined ? undefined : run.deps.institutionOf(run.supplier, code);
}
