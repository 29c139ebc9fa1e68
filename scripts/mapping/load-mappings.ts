import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { compileFeed, type Feed } from "../../src/mapping/compile-feed.ts";
import type { ExportFile, MappingProblem } from "../../src/mapping/mapped.ts";
import { Mistake } from "./command.ts";
import { mapWhole } from "./map-whole.ts";
import { standInDeps } from "./stand-in.ts";

/** A feed's folder and what compiling it gave. */
export interface Compiled {
  readonly name: string;
  readonly folder: string;
  readonly feed?: Feed;
  readonly problems: readonly MappingProblem[];
}

/** Compiles every feed of a folder (or the one feed whose folder it is), or only `wanted`. Throws `Mistake` when there is none. */
export async function compileAll(folder: string, wanted?: string): Promise<Compiled[]> {
  if (!existsSync(folder)) throw new Mistake(`there is no folder ${folder}`);
  const folders = existsSync(join(folder, "feed.yaml")) ? [resolve(folder)] : await feedFolders(folder);
  const chosen = folders.filter((one) => wanted === undefined || basename(one) === wanted);
  if (chosen.length === 0) {
    const known = folders.map((one) => basename(one)).join(", ");
    throw new Mistake(
      wanted === undefined ? `${folder} holds no feed` : `there is no feed ${wanted} in ${folder}; known are ${known}`,
    );
  }
  return Promise.all(chosen.map(compileOne));
}

async function feedFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "feed.yaml")))
    .map((entry) => resolve(folder, entry.name))
    .sort();
}

async function compileOne(folder: string): Promise<Compiled> {
  const outcome = await compileFeed(folder);
  const name = basename(folder);
  return outcome.kind === "compiled"
    ? { name, folder, feed: outcome.feed, problems: [] }
    : { name, folder, problems: outcome.problems };
}

/** A problem as compilers print it, from where the person stands: `mappings/a-tb/lab-report.yaml:14: …`. */
export function problemLine({ folder }: Compiled, { file, line, reason }: MappingProblem): string {
  const from = (path: string) => relative(process.cwd(), path) || ".";
  const place =
    existsSync(join(folder, file)) || !existsSync(join(dirname(folder), file))
      ? join(folder, file)
      : join(dirname(folder), file);
  return `${from(place)}:${line}: ${reason}`;
}

/** The feed that reads these files: the one that is named, or the one most of them fit. Throws `Mistake` with what to do. */
export async function feedFor(files: readonly ExportFile[], compiled: readonly Compiled[]): Promise<Compiled & { feed: Feed }> {
  const [only] = compiled;
  if (compiled.length === 1 && only !== undefined) return usable(only);
  const fitting = compiled.map((one) => ({ one, fit: files.map((file) => fitOf(one.feed, file)) }));
  const scoreOf = ({ fit }: { fit: readonly number[] }) => fit.reduce((total, one) => total + one, 0);
  const most = Math.max(...fitting.map(scoreOf));
  const best = fitting.filter((one) => scoreOf(one) === most);
  if (most === 0) {
    const wrong = compiled.filter((one) => one.feed === undefined).map((one) => one.name);
    const broken = wrong.length === 0 ? "" : ` (${wrong.join(", ")} do not compile: npm run mapping -- check)`;
    throw new Mistake(`no feed reads a file of this name; name one with --feed, or draft one with init${broken}`);
  }
  const [first] = best;
  if (best.length === 1 && first !== undefined) return usable(first.one);
  return usable(
    await byContent(best.map(({ one, fit }) => ({ one, file: files[fit.findIndex((score) => score > 0)] as ExportFile }))),
  );
}

/** Names alone do not tell (every HL7 feed reads *.hl7): the feed that maps most rows of a file reads it. */
async function byContent(candidates: readonly { one: Compiled; file: ExportFile }[]): Promise<Compiled> {
  let best: { one: Compiled; mapped: number } | undefined;
  for (const { one, file } of candidates) {
    const { report } = await mapWhole(usable(one).feed, [file], standInDeps());
    const mapped = Object.values(report.rows).reduce((sum, rows) => sum + rows.mapped, 0);
    if (best === undefined || mapped > best.mapped) best = { one, mapped };
  }
  if (best === undefined || best.mapped === 0)
    throw new Mistake(
      `several feeds may read this: name one with --feed (${candidates.map(({ one }) => one.name).join(", ")})`,
    );
  return best.one;
}

function usable(one: Compiled): Compiled & { feed: Feed } {
  if (one.feed !== undefined) return { ...one, feed: one.feed };
  throw new Mistake(`${one.name} does not compile:\n${one.problems.map((problem) => problemLine(one, problem)).join("\n")}`);
}

/** How well a feed's patterns fit a file's name: 0 = not at all; what a pattern spells out counts more than its asterisks. */
function fitOf(feed: Feed | undefined, file: ExportFile): number {
  const name = file.name.slice(file.name.lastIndexOf("/") + 1);
  const patterns = [...(feed?.tables.values() ?? [])]
    .filter((table) => table.file.test(name))
    .map((table) => table.filePattern);
  return patterns.length === 0 ? 0 : 1 + Math.max(...patterns.map((pattern) => pattern.replaceAll("*", "").length));
}
