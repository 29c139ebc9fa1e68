import type { Column, Table } from "./compiled.ts";
import type { Join } from "./compiled-template.ts";
import type { MappingProblem } from "./mapped.ts";
import { didYouMean } from "./suggest.ts";
import type { TemplateFile } from "./template-file.ts";
import type { YamlSource } from "./yaml-source.ts";

interface JoinContext {
  readonly tables: ReadonlyMap<string, Table>;
  readonly used: Set<Column>;
  readonly problems: MappingProblem[];
}

/** Compiles `with`: both tables must have the columns they are joined on. */
export function compileJoins(written: TemplateFile, head: Table, source: YamlSource, context: JoinContext): Join[] {
  return Object.entries(written.with).flatMap(([name, join]) => {
    const compiled = compileJoin(name, join, head, context);
    if (typeof compiled !== "string") return [compiled];
    const line = source.lineAt(["with", name]);
    context.problems.push({ file: source.file, line, reason: `with.${name} ${compiled}` });
    return [];
  });
}

/** A join, or what is wrong with it. */
function compileJoin(
  name: string,
  join: TemplateFile["with"][string],
  head: Table,
  { tables, used }: JoinContext,
): Join | string {
  const table = tables.get(join.table);
  if (table === undefined)
    return `names the table ${join.table}, which the feed does not declare${didYouMean(join.table, tables.keys())}`;
  const pairs = Array.isArray(join.on) ? join.on.map((column) => [column, column] as const) : Object.entries(join.on);
  const headColumns: Column[] = [];
  const columns: Column[] = [];
  for (const [left, right] of pairs) {
    const [one, other] = [head.byName.get(left), table.byName.get(right)];
    if (one === undefined) return `joins on ${left}, ${noColumn(left, head)}`;
    if (other === undefined) return `joins on ${right}, ${noColumn(right, table)}`;
    headColumns.push(one);
    columns.push(other);
  }
  const order = join.order === undefined ? undefined : table.byName.get(join.order);
  if (join.order !== undefined && order === undefined) return `is ordered by ${join.order}, ${noColumn(join.order, table)}`;
  for (const column of [...headColumns, ...columns, order]) if (column !== undefined) used.add(column);
  return { name, table, headColumns, columns, ...(order === undefined ? {} : { order }) };
}

function noColumn(name: string, table: Table): string {
  return `which is no column of ${table.name}${didYouMean(name, table.byName.keys())}`;
}
