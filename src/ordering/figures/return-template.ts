import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { Fault } from "../../kernel/fault.ts";
import { type Measure, measureNames } from "./measures.ts";

const Id = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "must be at most 32 lower case letters, digits and hyphens");
const Text = z.string().min(1);
const kind = z.enum(["lab", "imaging"]);
const ji = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(9)]);

const column = { id: Id, title: Text };
/** A column: how many institutions; how many of them, or of their items, are certified; or the sum of a measure over some items. */
const Column = z.union(
  [
    z.strictObject({ ...column, count: z.literal("institutions") }),
    z.strictObject({
      ...column,
      certified: z.enum(["institutions", "items"]),
      kind,
      /** Level of the body that certified; absent = any. */
      level: z.enum(["national", "provincial", "municipal"]).optional(),
    }),
    z.strictObject({
      ...column,
      sum: z.enum(measureNames as [Measure, ...Measure[]]),
      role: z.enum(["recogniser", "recognised"]).default("recogniser"),
      /** Absent = every item. */
      of: z.strictObject({ kind: kind.optional(), modalities: z.array(Text).min(1).optional() }).optional(),
      unit: z.enum(["items", "visits"]).default("items"),
      as: z.literal("yuan").optional(),
    }),
  ],
  { error: "must have an id, a title and one of count, certified or sum with what belongs to it" },
);

const Template = z
  .strictObject({
    return: z.strictObject({ id: Id, name: Text, source: Text, clause: Text, provisional: z.boolean() }),
    classes: z.array(z.strictObject({ id: Id, title: Text, ji: z.array(ji).min(1) })).min(1),
    columns: z.array(Column).min(1),
  })
  .refine(({ classes }) => isOnce(classes.flatMap((one) => one.ji)), { message: "names a 级 twice", path: ["classes"] })
  .refine(({ columns }) => isOnce(columns.map((one) => one.id)), { message: "names a column twice", path: ["columns"] });

/** A return to an authority, as data: its rows are classes of institutions by 级, its columns say what is counted. */
export type ReturnTemplate = z.output<typeof Template>;
export type ReturnColumn = ReturnTemplate["columns"][number];

function isOnce(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

/** Every return of `<folder>/*.yaml`, by its id. Throws `Fault("configuration-wrong")` naming file, line and reason of everything that is wrong. */
export async function loadReturns(folder: string): Promise<ReadonlyMap<string, ReturnTemplate>> {
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".yaml")).sort();
  const templates = new Map<string, ReturnTemplate>();
  const problems: string[] = [];
  for (const file of files) {
    const read = readReturn(await readFile(path.join(folder, file), "utf8"));
    if (Array.isArray(read)) problems.push(...read.map(({ line, reason }) => `returns/${file}:${line}: ${reason}`));
    else if (templates.has(read.return.id))
      problems.push(`returns/${file}:1: another file is the return ${read.return.id} too`);
    else templates.set(read.return.id, read);
  }
  if (problems.length > 0) throw new Fault("configuration-wrong", { detail: problems.join("\n") });
  return templates;
}

/** A return out of its YAML, or what is wrong with it by line. */
export function readReturn(yaml: string): ReturnTemplate | { readonly line: number; readonly reason: string }[] {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines });
  const [wrong] = document.errors;
  if (wrong !== undefined)
    return [{ line: lines.linePos(wrong.pos[0]).line, reason: wrong.message.split("\n")[0] ?? "is no YAML" }];
  const parsed = Template.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (parsed.success) return parsed.data;
  return parsed.error.issues.map(({ path: at, message }) => {
    const places = at.map((_, index) => document.getIn(at.slice(0, at.length - index), true));
    const node = places.find((one) => isNode(one) && one.range != null);
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    return { line: lines.linePos(offset).line, reason: `${at.join(".")} ${message}`.trim() };
  });
}
