import { mkdir, open, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type SeenFile, same, seen } from "./seen-file.ts";

/** Files of a delivery on their way out of the folder. `target` absent = they are deleted. Paths are relative to the feed's folder. */
interface Away {
  readonly files: readonly SeenFile[];
  readonly target?: string;
  /** Text to lie beside them. */
  readonly reason?: string;
}

const ending = ".hutong-away";

/**
 * Moves a delivery out of its folder, its `.done` file first. What is to be done is written down before, so that a process that dies in the middle leaves
 * neither half a delivery to be taken again nor files that nobody closes; a file that was replaced meanwhile is a new one and stays.
 */
export async function putAway(folder: string, away: Away): Promise<void> {
  const [done] = away.files;
  if (done === undefined) return;
  const note = join(folder, `.${done.path.replaceAll("/", "_")}${ending}`);
  await writeDurably(note, JSON.stringify(away));
  await carryOut(folder, away);
  await rm(note, { force: true });
}

/** Finishes what an earlier process had begun to put away. */
export async function finishPuttingAway(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(".") || !name.endsWith(ending)) continue;
    const note = join(folder, name);
    const away = read(await readFile(note, "utf8").catch(() => ""));
    if (away !== undefined) await carryOut(folder, away);
    await rm(note, { force: true });
  }
}

async function carryOut(folder: string, { files, target, reason }: Away): Promise<void> {
  const to = target === undefined ? undefined : join(folder, target);
  if (to !== undefined) await mkdir(to, { recursive: true, mode: 0o750 });
  if (to !== undefined && reason !== undefined) await writeFile(join(to, "reason.txt"), `${reason}\n`);
  for (const file of files) {
    const path = join(folder, file.path);
    const now = await seen(folder, file.path);
    if (now === undefined || !same(now, file)) continue;
    if (to === undefined) await rm(path, { force: true });
    else await rename(path, join(to, file.path.slice(file.path.lastIndexOf("/") + 1)));
  }
  // The folder of a delivery goes when it is empty.
  for (const inner of new Set(files.map(({ path }) => dirname(path)))) {
    if (inner !== ".") await rmdir(join(folder, inner)).catch(() => undefined);
  }
}

function read(text: string): Away | undefined {
  try {
    return JSON.parse(text) as Away;
  } catch {
    return undefined; // its writing was cut off: nothing had been moved yet
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
