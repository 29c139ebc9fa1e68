import type { Column, Table } from "./compiled.ts";
import type { Join } from "./compiled-template.ts";
import type { MappingProblem } from "./mapped.ts";
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
    const wrong = (reason: string): [] => {
      context.problems.push({ file: source.file, line: source.lineAt(["with", name]), reason: `with.${name} ${reason}` });
      return [];
    };
    const table = context.tables.get(join.table);
    if (table === undefined) return wrong(`names the table ${join.table}, which the feed does not declare`);
    const pairs = Array.isArray(join.on) ? join.on.map((column) => [column, column] as const) : Object.entries(join.on);
    const headColumns = pairs.map(([column]) => head.byName.get(column));
    const columns = pairs.map(([, column]) => table.byName.get(column));
    const order = join.order === undefined ? undefined : table.byName.get(join.order);
    if ([...headColumns, ...columns].includes(undefined))
      return wrong("joins on a column that one of the tables does not have");
    if (join.order !== undefined && order === undefined)
      return wrong(`is ordered by ${join.order}, which is no column of ${join.table}`);
    for (const column of [...headColumns, ...columns, order]) if (column !== undefined) context.used.add(column);
    return [
      {
        name,
        table,
        headColumns: headColumns as Column[],
        columns: columns as Column[],
        ...(order === undefined ? {} : { order }),
      },
    ];
  });
}
