import { posix } from "node:path";
import { parse } from "yaml";

/** One template of a feed, with everything that decides what it makes. */
export interface TemplateContent {
  /** `tb/patient`. */
  readonly mapping: string;
  readonly version: number;
  readonly file: string;
  /** Equal for equal content: notes, spaces and the version itself do not count. */
  readonly content: string;
}

type Yaml = Readonly<Record<string, unknown>>;

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/**
 * What each template of a feed makes, as far as its files decide: the template, the parts of feed.yaml and family.yaml about the tables it reads, and the
 * code tables it names. `files`: those of a folder of mappings (`a-tb/feed.yaml`, `families/tb/patient.yaml`, `tables/sex.csv`); they compile.
 */
export function templateContents(feed: string, files: readonly SourceFile[]): TemplateContent[] {
  const feedFile = yamlOf(files.find(({ path }) => path === `${feed}/feed.yaml`));
  const family = typeof feedFile.extends === "string" ? feedFile.extends : undefined;
  const familyFolder = `families/${family}`;
  const familyFile = yamlOf(files.find(({ path }) => path === `${familyFolder}/family.yaml`));
  const nearest = (folders: readonly string[], ending: string) => {
    const found = new Map<string, SourceFile>();
    for (const folder of folders)
      for (const file of files)
        if (posix.dirname(file.path) === folder && file.path.endsWith(ending)) found.set(posix.basename(file.path), file);
    return found;
  };
  const tables = nearest(["tables", `${familyFolder}/tables`, `${feed}/tables`], ".csv");
  const templates = nearest([familyFolder, feed], ".yaml");
  return [...templates].flatMap(([name, file]) => {
    if (name === "feed.yaml" || name === "family.yaml") return [];
    const { mapping, version, ...rest } = yamlOf(file);
    const read = tablesRead(rest);
    const parts = [rest, ...[feedFile, familyFile].map((one) => aboutTables(one, read)), namedIn(file.text, tables)];
    return [{ mapping: String(mapping), version: Number(version), file: file.path, content: JSON.stringify(parts) }];
  });
}

function yamlOf(file: SourceFile | undefined): Yaml {
  return (file === undefined ? {} : (parse(file.text) ?? {})) as Yaml;
}

/** The table whose rows it maps, and those joined to them. */
function tablesRead({ for: own, with: joins }: Yaml): Set<string> {
  const joined = Object.values((joins ?? {}) as Record<string, { readonly table?: string }>);
  return new Set([String(own), ...joined.flatMap(({ table }) => table ?? [])]);
}

function aboutTables({ tables, ...rest }: Yaml, read: ReadonlySet<string>): unknown {
  return [rest, Object.entries((tables ?? {}) as Yaml).filter(([name]) => read.has(name))];
}

/** The code tables whose names stand in a template; the spellings of units belong to every table of items. */
function namedIn(template: string, tables: ReadonlyMap<string, SourceFile>): unknown {
  return [...tables]
    .filter(([name]) => name === "unit.csv" || template.includes(`'${name.replace(/\.csv$/, "")}'`))
    .map(([name, { text }]) => [name, text.replaceAll("\r\n", "\n").trim()])
    .sort();
}
