import { basename } from "node:path";
import type { z } from "zod";
import { expressionIn } from "./build-element.ts";
import { compileEmission, emitNodes } from "./compile-emission.ts";
import { compileIds, type IdsFile } from "./compile-ids.ts";
import { compileJoins } from "./compile-joins.ts";
import type { Column, Leaf, NamedTable, Table } from "./compiled.ts";
import type { Join, PersonLeaves, Template } from "./compiled-template.ts";
import { compileExpression } from "./expression.ts";
import type { Environment } from "./expression-names.ts";
import type { MappingProblem } from "./mapped.ts";
import { type PersonFile, TemplateFile } from "./template-file.ts";
import { readYamlAs, type YamlSource } from "./yaml-source.ts";

/** What a template is compiled against. */
export interface TemplateContext {
  readonly tables: ReadonlyMap<string, Table>;
  readonly codeTables: ReadonlyMap<string, NamedTable>;
  readonly used: Set<Column>;
  readonly problems: MappingProblem[];
}

/** Compiles one template file; undefined, with problems told, when it cannot be used. */
export function compileTemplate(file: string, text: string, context: TemplateContext): Template | undefined {
  const { problems } = context;
  const read = readYamlAs(TemplateFile, { file, text }, problems);
  if (read === undefined) return undefined;
  const { source, data: written } = read;
  const table = context.tables.get(written.for);
  if (table === undefined) {
    problems.push({ file, line: source.lineAt(["for"]), reason: `for names ${written.for}, which is no table of the feed` });
    return undefined;
  }
  if (table.institution === undefined)
    problems.push({
      file,
      line: source.lineAt(["for"]),
      reason: `nothing in feed.yaml says which institution a row of ${written.for} is of`,
    });
  if (table.institution !== undefined && "column" in table.institution) context.used.add(table.institution.column);
  const joins = compileJoins(written, table, source, context);
  return assemble({ written, table, joins, source, context });
}

interface Parts {
  readonly written: TemplateFile;
  readonly table: Table;
  readonly joins: readonly Join[];
  readonly source: YamlSource;
  readonly context: TemplateContext;
}

function assemble({ written, table, joins, source, context }: Parts): Template {
  const base = {
    head: { name: table.name, columns: table.byName },
    lets: new Map<string, number>(),
    tables: context.codeTables,
    used: context.used,
  };
  const headEnv: Environment = { ...base, columns: table.byName };
  const envOf = (name: string | undefined): Environment | undefined => {
    const join = joins.find((one) => one.name === name);
    return name === undefined ? headEnv : join && { ...base, columns: join.table.byName };
  };
  const expression = (text: string, path: PropertyKey[], env = headEnv): Leaf =>
    leafAt(text, path, env, source, written.mapping, context.problems);
  const emits = emitNodes(source);
  const homes = new Map(emits.map(({ type, each }) => [type, each]));
  if (homes.size < emits.length)
    context.problems.push({
      file: source.file,
      line: source.lineAt(["emit"]),
      reason: "one template emits each resource type once",
    });
  if (written.person !== undefined && (emits[0]?.type !== "Patient" || emits[0].each !== undefined)) {
    context.problems.push({
      file: source.file,
      line: source.lineAt(["person"]),
      reason: "person belongs to a template whose first resource is a Patient",
    });
  }
  if (emits[0]?.each !== undefined) {
    context.problems.push({
      file: source.file,
      line: source.lineAt(["emit"]),
      reason: "the first resource of emit is the head of the sheet and repeats over nothing",
    });
  }
  const rules = compileIds(written.ids as IdsFile, { table, homes, envOf, expression });
  const person = written.person === undefined ? undefined : compilePerson(written.person, expression);
  return {
    mapping: `${written.mapping}@${written.version}`,
    file: basename(source.file),
    table,
    joins,
    order: written.order.map((text, index) => ({
      leaf: expression(text, ["order", index]),
      whole: table.byName.get(text)?.type === "integer",
    })),
    ...(written.retracted === undefined ? {} : { retracted: expression(written.retracted, ["retracted"]) }),
    ...(person === undefined ? {} : { person }),
    emissions: emits.flatMap((emit) => {
      const env = envOf(emit.each);
      const wrong =
        env === undefined
          ? `repeats over ${emit.each}, which is not in "with"`
          : rules.has(emit.type)
            ? undefined
            : `${emit.type} has no entry in ids`;
      if (env !== undefined && wrong === undefined)
        return [
          compileEmission(emit, { source, mapping: written.mapping, env, rules, each: envOf, problems: context.problems }),
        ];
      context.problems.push({ file: source.file, line: source.lineOf(emit.map), reason: wrong ?? "" });
      return [];
    }),
  };
}

function compilePerson(
  person: z.output<typeof PersonFile>,
  expression: (text: string, path: PropertyKey[]) => Leaf,
): PersonLeaves {
  const leaf = (name: string, text: string | undefined, path: PropertyKey[]) =>
    text === undefined ? {} : { [name]: expression(text, ["person", ...path]) };
  return {
    ...leaf("identityType", person.identity?.type, ["identity", "type"]),
    ...leaf("identityNumber", person.identity?.number, ["identity", "number"]),
    ...leaf("name", person.name, ["name"]),
    ...leaf("birthDate", person.birthDate, ["birthDate"]),
    ...leaf("sex", person.sex, ["sex"]),
    ...leaf("phone", person.phone, ["phone"]),
  };
}

function leafAt(
  text: string,
  path: PropertyKey[],
  env: Environment,
  source: YamlSource,
  mapping: string,
  problems: MappingProblem[],
): Leaf {
  const line = source.lineAt(path);
  const compiled = compileExpression(expressionIn(text) ?? text, env, { mapping, line, element: path.join(".") });
  if (!("wrong" in compiled)) return compiled.leaf;
  problems.push({ file: source.file, line, reason: `${path.join(".")} ${compiled.wrong}` });
  return () => undefined;
}
