import { compileEmission, type EmitNode, emitNodes } from "./compile-emission.ts";
import { compileIds, compileKey, type IdsContext, type IdsFile, namedKeys } from "./compile-ids.ts";
import { compileJoins } from "./compile-joins.ts";
import { compilePerson } from "./compile-person.ts";
import type { Column, Leaf, NamedTable, Table } from "./compiled.ts";
import type { Join, Merge, Template } from "./compiled-template.ts";
import type { ElementContext } from "./element-context.ts";
import { resourceTypes } from "./element-types.ts";
import { compileExpression, expressionIn } from "./expression.ts";
import type { Environment } from "./expression-names.ts";
import type { IdentityRule } from "./identity.ts";
import type { MappingProblem } from "./mapped.ts";
import { didYouMean } from "./suggest.ts";
import { TemplateFile } from "./template-file.ts";
import { readYamlAs, type YamlSource } from "./yaml-source.ts";

/** What a template is compiled against. */
export interface TemplateContext {
  /** The feed's name: part of the mapping's name in Provenance, whichever family the template is of. */
  readonly feed: string;
  /** Name of the feed or family in whose folder the template stands. */
  readonly owner: string;
  readonly tables: ReadonlyMap<string, Table>;
  readonly codeTables: ReadonlyMap<string, NamedTable>;
  readonly used: Set<Column>;
  readonly problems: MappingProblem[];
}

interface Parts {
  readonly written: TemplateFile;
  readonly table: Table;
  readonly joins: readonly Join[];
  readonly source: YamlSource;
  readonly context: TemplateContext;
  /** Tells a problem at a path of the template. */
  readonly wrong: (path: readonly PropertyKey[], reason: string) => void;
}

/** Compiles one template file; undefined, with problems told, when it cannot be used. */
export function compileTemplate(file: string, text: string, context: TemplateContext): Template | undefined {
  const read = readYamlAs(TemplateFile, { file, text }, context.problems);
  if (read === undefined) return undefined;
  const { source, data: written } = read;
  const wrong: Parts["wrong"] = (path, reason) => context.problems.push({ file, line: source.lineAt(path), reason });
  const folder = written.mapping.split("/", 1)[0] ?? "";
  if (folder !== context.owner) wrong(["mapping"], `mapping begins with ${folder}/, and this is ${context.owner}/`);
  const table = context.tables.get(written.for);
  if (table === undefined) {
    wrong(["for"], `for names ${written.for}, which is no table of the feed${didYouMean(written.for, context.tables.keys())}`);
    return undefined;
  }
  if (table.institution === undefined)
    wrong(["for"], `nothing in feed.yaml says which institution a row of ${written.for} is of (institution: a column)`);
  if (table.institution !== undefined && "column" in table.institution) context.used.add(table.institution.column);
  const joins = compileJoins(written, table, source, context);
  return assemble({ written, table, joins, source, context, wrong });
}

function assemble(parts: Parts): Template {
  const { written, table, joins, source, context } = parts;
  const envOf = environments(parts);
  const expression = (text: string, path: PropertyKey[], env = envOf(undefined) as Environment): Leaf =>
    leafAt(text, path, env, parts);
  const emits = emitNodes(source);
  checkHead(emits, parts);
  const homes = new Map(emits.map(({ id, each }) => [id, each]));
  const ids: IdsContext = { table, homes, joins: Object.keys(written.with), envOf, expression, wrong: parts.wrong };
  const rules = compileIds(written.ids as IdsFile, ids);
  const person = written.person === undefined ? undefined : compilePerson(written.person, expression);
  const merge = written.merge === undefined ? undefined : compileMerge(parts, rules, ids);
  const leaf = (name: "retracted" | "reviewed") =>
    written[name] === undefined ? {} : { [name]: expression(written[name], [name]) };
  return {
    mapping: `${context.feed}/${written.mapping.slice(written.mapping.indexOf("/") + 1)}@${written.version}`,
    version: written.version,
    file: source.file,
    table,
    joins,
    order: written.order.map((text, index) => ({
      leaf: expression(text, ["order", index]),
      whole: table.byName.get(text)?.type === "integer",
    })),
    ...leaf("retracted"),
    ...leaf("reviewed"),
    ...(person === undefined ? {} : { person }),
    ...(merge === undefined ? {} : { merge }),
    emissions: emits.flatMap((emit) => emissionOf(emit, parts, rules, envOf)),
  };
}

/** The names known to expressions over the head row, or over the rows of a join. */
function environments({ table, joins, context }: Parts): (name: string | undefined) => Environment | undefined {
  const head = { name: table.name, columns: table.byName };
  const base = { head, lets: new Map(), tables: context.codeTables, used: context.used };
  return (name) => {
    if (name === undefined) return { ...base, columns: table.byName };
    const columns = joins.find((one) => one.name === name)?.table.byName;
    return columns === undefined ? undefined : { ...base, columns };
  };
}

function emissionOf(
  emit: EmitNode,
  { written, source, context, wrong }: Parts,
  rules: ReadonlyMap<string, IdentityRule>,
  envOf: (name: string | undefined) => Environment | undefined,
): Template["emissions"] {
  const env = envOf(emit.each);
  const place = ["emit", emit.index];
  const names = Object.keys(written.with);
  const makeable = resourceTypes();
  const among = didYouMean(emit.type, makeable) || ".";
  if (!makeable.includes(emit.type)) wrong(place, `mappings make no ${emit.type}${among} They make ${makeable.join(", ")}`);
  else if (env === undefined && names.includes(emit.each ?? ""))
    return []; // the join is wrong, which is told there
  else if (env === undefined)
    wrong(place, `repeats over ${emit.each}, which is not in "with"${didYouMean(emit.each ?? "", names)}`);
  else if (emit.id.split("/", 1)[0] !== emit.type) wrong(place, `$id ${emit.id} begins with the type: ${emit.type}/…`);
  else if (!rules.has(emit.id)) wrong(place, `${emit.id} has no entry in ids${didYouMean(emit.id, rules.keys())}`);
  else {
    const around = emit.each === undefined ? {} : { around: new Map([[emit.each, { slot: 0, columns: env.columns }]]) };
    const inside: ElementContext = {
      source,
      mapping: written.mapping,
      env: { ...env, ...around },
      rules,
      joins: names,
      row: emit.each,
      each: envOf,
      problems: context.problems,
    };
    return [compileEmission(emit, inside)];
  }
  return [];
}

/** The first resource of `emit` is the sheet's head; a person and a merge are about a Patient. */
function checkHead(emits: readonly EmitNode[], { written, joins, table, wrong }: Parts): void {
  const [first] = emits;
  const twice = emits.find(({ id }, index) => emits.findIndex((other) => other.id === id) < index);
  if (twice !== undefined)
    wrong(
      ["emit"],
      `emit makes ${twice.id} twice; a second one of its type is ${twice.type}/NAME in ids, with $id: ${twice.type}/NAME`,
    );
  if (first?.each !== undefined)
    wrong(["emit"], "the first resource of emit is the head of the sheet and repeats over nothing");
  if (written.person !== undefined && first?.type !== "Patient")
    wrong(["person"], "person belongs to a template whose first resource is a Patient");
  for (const { name } of joins)
    if (name === table.name) wrong(["with", name], `with.${name} has the name of the sheet's table; choose another`);
}

/** `merge`: the key of the Patient that gives way, made like the one of `ids.Patient` that takes its place. */
function compileMerge(
  { written, source, wrong }: Parts,
  rules: ReadonlyMap<string, IdentityRule>,
  ids: IdsContext,
): Merge | undefined {
  const into = rules.get("Patient");
  if (written.merge === undefined || into === undefined) {
    wrong(["merge"], "merge needs ids.Patient: the Patient that takes the place of the other");
    return undefined;
  }
  const { from, when } = written.merge;
  const alternatives = namedKeys("Patient", from, { index: 0, count: 1, path: ["merge", "from"] }).map((key) =>
    compileKey(key, ids.envOf(undefined) as Environment, ids),
  );
  return {
    from: { name: "merge.from", type: "Patient", kind: into.kind, alternatives },
    into,
    ...(when === undefined ? {} : { when: ids.expression(when, ["merge", "when"]) }),
    place: { mapping: written.mapping, line: source.lineAt(["merge"]), element: "merge" },
  };
}

function leafAt(text: string, path: PropertyKey[], env: Environment, { source, written, wrong }: Parts): Leaf {
  const place = { mapping: written.mapping, line: source.lineAt(path), element: path.join(".") };
  const compiled = compileExpression(expressionIn(text) ?? text, env, place);
  if (!("wrong" in compiled)) return compiled.leaf;
  wrong(path, `${path.join(".")} ${compiled.wrong}`);
  return () => undefined;
}
