import { createReadStream, existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { unpackFiles } from "../../src/ingest/unpack-files.ts";
import type { ExportFile } from "../../src/mapping/mapped.ts";
import { Mistake } from "./command.ts";

/** The files of one export: those named, those of named folders, and those inside archives. Throws `Mistake` when there is none. */
export async function exportFiles(paths: readonly string[]): Promise<readonly ExportFile[]> {
  const { files, issues } = await unpackFiles((await Promise.all(paths.map(filesAt))).flat());
  if (issues.length > 0) throw new Mistake(issues.map(({ file, reason }) => `${file}: ${reason}`).join("\n"));
  if (files.length === 0) throw new Mistake(`${paths.join(", ")} holds no file`);
  return files;
}

async function filesAt(path: string): Promise<ExportFile[]> {
  if (!existsSync(path)) throw new Mistake(`there is no file ${path}`);
  if (!statSync(path).isDirectory()) return [fileAt(path, basename(path))];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => fileAt(file, relative(path, file).replaceAll("\\", "/")));
}

function fileAt(path: string, name: string): ExportFile {
  return { name, open: () => createReadStream(path, { highWaterMark: 256 * 1024 }) };
}
