import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { MappingProblem } from "./mapped.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

/** A folder whose files a feed is made of: its own, or that of a family it extends. */
export interface FeedFolder {
  /** Name of the feed's folder or of the family. */
  readonly name: string;
  readonly path: string;
}

/** `feed.yaml` over the families it extends, as one set of values that knows in which file each of them stands. */
export interface LayeredFeed {
  readonly plain: unknown;
  /** The file (relative to the feed's folder) and line of a value, or of its nearest known parent. */
  place(path: readonly PropertyKey[]): { readonly file: string; readonly line: number };
  /** The feed's own folder first, then the family, then the family of that one. */
  readonly folders: readonly FeedFolder[];
}

interface Layer {
  readonly source: YamlSource;
  readonly folder: FeedFolder;
}

/** Reads `feed.yaml` and the families it extends (`../families/<name>/family.yaml`); undefined, with every problem told, when one of them cannot be used. */
export async function readFeedLayers(
  folder: string,
  name: string,
  problems: MappingProblem[],
): Promise<LayeredFeed | undefined> {
  const layers: Layer[] = [];
  const before = problems.length;
  let next: FeedFolder | undefined = { name, path: folder };
  while (next !== undefined) {
    const layer: Layer | undefined = await readLayer(folder, next, layers, problems);
    if (layer === undefined) return undefined;
    layers.push(layer);
    next = familyOf(layer, folder, layers, problems);
  }
  if (problems.length > before) return undefined;
  const values = layers.map(({ source }, depth) => withoutNames(source.plain() as Record<string, unknown>, depth));
  return {
    plain: values.reduceRight((base, over) => merged(base, over) as Record<string, unknown>),
    place: (path) => placeIn(layers, path),
    folders: layers.map((layer) => layer.folder),
  };
}

async function readLayer(
  feed: string,
  folder: FeedFolder,
  above: readonly Layer[],
  problems: MappingProblem[],
): Promise<Layer | undefined> {
  const path = join(folder.path, above.length === 0 ? "feed.yaml" : "family.yaml");
  const file = relative(feed, path);
  const text = await readIfThere(path);
  const [child] = above.slice(-1);
  if (text === undefined && child === undefined) problems.push({ file, line: 1, reason: "is missing" });
  if (text === undefined && child !== undefined)
    problems.push({
      file: child.source.file,
      line: child.source.lineAt(["extends"]),
      reason: `extends the family ${folder.name}, and there is no ${file}`,
    });
  if (text === undefined) return undefined;
  const source = readYaml(file, text, problems);
  return source === undefined ? undefined : { source, folder };
}

/** The family that a layer extends; a name that is none, or one that is extended already, is told. */
function familyOf(layer: Layer, feed: string, layers: readonly Layer[], problems: MappingProblem[]): FeedFolder | undefined {
  const { source } = layer;
  const told = (key: string, reason: string): undefined => {
    problems.push({ file: source.file, line: source.lineAt([key]), reason });
  };
  const plain = source.plain() as Record<string, unknown>;
  if (layers.length > 1 && "feed" in plain) return told("feed", "feed stands in the feed.yaml of each feed, not in a family");
  if (layers.length > 1 && plain.family !== undefined && plain.family !== layer.folder.name)
    return told("family", `family is ${String(plain.family)}, and the folder is ${layer.folder.name}`);
  const name = plain.extends;
  if (name === undefined) return undefined;
  if (typeof name !== "string" || !/^[a-z0-9-]+$/.test(name))
    return told("extends", "extends is the name of a folder in mappings/families (small letters, digits and hyphens)");
  if (layers.slice(1).some(({ folder }) => folder.name === name))
    return told("extends", `extends ${name}, which extends this family in turn: a family cannot be its own ancestor`);
  return { name, path: join(feed, "..", "families", name) };
}

function withoutNames({ extends: _extends, family, ...rest }: Record<string, unknown>, depth: number): Record<string, unknown> {
  return depth > 0 || family === undefined ? rest : { ...rest, family };
}

/** Settings by name are put together, the nearer one wins; lists and single values are replaced whole. An empty value leaves the family's as it is. */
function merged(base: unknown, over: unknown): unknown {
  if (over === null || over === undefined) return base;
  if (!isMapping(base) || !isMapping(over)) return over;
  const names = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...names].map((name) => [name, name in over ? merged(base[name], over[name]) : base[name]]));
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function placeIn(layers: readonly Layer[], path: readonly PropertyKey[]): { file: string; line: number } {
  for (let length = path.length; length > 0; length--) {
    const layer = layers.find(({ source }) => source.has(path.slice(0, length)));
    if (layer !== undefined) return { file: layer.source.file, line: layer.source.lineAt(path.slice(0, length)) };
  }
  return { file: layers[0]?.source.file ?? "feed.yaml", line: 1 };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
