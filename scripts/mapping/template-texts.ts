import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { Compiled } from "./load-mappings.ts";

interface WrittenTemplate {
  readonly mapping?: string;
  readonly version?: number;
  readonly emit?: readonly object[];
}

/** The YAML of every template of a feed: its own folder's and its family's. */
export function templateTexts({ folder, feed }: Compiled): string[] {
  const families = join(dirname(folder), "families");
  const homes = [folder, ...(existsSync(families) ? readdirSync(families).map((name) => join(families, name)) : [])];
  const files = new Set((feed?.templates ?? []).map((template) => template.file));
  return [...files].flatMap((file) => {
    const home = homes.find((one) => existsSync(join(one, file)));
    return home === undefined ? [] : [readFileSync(join(home, file), "utf8")];
  });
}

/** Which code tables each column is looked up in, as the expressions say it: `XB.code('sex')`. */
export function tablesOfColumns(texts: readonly string[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const text of texts) {
    for (const [, quoted, bare, table] of text.matchAll(
      /(?:`([^`]+)`|([\p{L}_][\p{L}\p{N}_]*))\.(?:code|coding|row)\('([^']+)'/gu,
    )) {
      const column = quoted ?? bare ?? "";
      found.set(column, (found.get(column) ?? new Set()).add(table ?? ""));
    }
  }
  return found;
}

/** Every element that a template may fill (`Observation.valueQuantity.unit`), by the template's name. */
export function elementsOfTemplates(texts: readonly string[]): Map<string, string[]> {
  return new Map(
    texts.map((text) => {
      const { mapping = "", emit = [] } = parse(text) as WrittenTemplate;
      const elements = emit.flatMap((resource) => [...pathsIn(resource, (resource as { resourceType: string }).resourceType)]);
      return [mapping, [...new Set(elements)]];
    }),
  );
}

function* pathsIn(node: unknown, path: string): Generator<string> {
  if (Array.isArray(node)) for (const item of node) yield* pathsIn(item, path);
  else if (typeof node === "object" && node !== null) {
    const entries = Object.entries(node).filter(([key]) => !["resourceType", "$let", "$if", "$each", "$id"].includes(key));
    if (entries.some(([key]) => key === "$ref")) yield `${path}.reference`;
    for (const [key, value] of entries) if (key !== "$ref") yield* pathsIn(value, `${path}.${key}`);
  } else yield path;
}
