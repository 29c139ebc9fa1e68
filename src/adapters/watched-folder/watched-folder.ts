import { createHash } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ClosedDelivery, Inbox } from "../../ingest/inbox.ts";
import type { Now } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { isFileName, type ListedFile, readDoneFile } from "./done-file.ts";
import { finishPuttingAway, putAway } from "./put-away.ts";
import { contentOf, type SeenFile, same, seen } from "./seen-file.ts";

/** How a watched folder is looked at. */
export interface WatchedFolder {
  /** `<dir>/<feed>/`: made for every feed. */
  readonly dir: string;
  readonly feeds: () => readonly string[];
  /** What becomes of files that were taken. */
  readonly taken: "keep" | "delete";
  /** How long a closed delivery may still change or lack files before it is refused, ms. */
  readonly patienceMs: number;
  readonly now: Now;
}

const mostFiles = 200;
const mostNames = 10_000;
const longestDoneFile = 256 * 1024;
/** Names that upload programs use while they write. */
const unfinished = /^\.|\.(part|partial|filepart|tmp|temp|crdownload|swp)$/i;

/** A delivery at one look. */
interface Look {
  readonly done: SeenFile;
  readonly files: readonly SeenFile[];
  readonly listed: readonly ListedFile[];
  /** Why it is not complete yet. */
  readonly waits?: string;
  /** Why it never will be. */
  readonly problem?: string;
}

/**
 * A folder senders drop deliveries into, by SFTP or a share: `<dir>/<feed>/`. A delivery is closed by `<name>.done`, which comes last: it closes the files its
 * lines list, or, when it is empty, the folder `<name>/` or the files `<name>*`. It is taken at the second look at which nothing of it has changed; looks
 * are the caller's (no notification of the operating system is relied on). Links and special files are refused. See docs/channels.md.
 */
export function createWatchedFolder(options: WatchedFolder): Inbox {
  let last = new Map<string, { readonly look: Look; readonly sinceMs: number }>();

  async function closedOf(feed: string, next: typeof last): Promise<ClosedDelivery[]> {
    const folder = join(options.dir, feed);
    await mkdir(folder, { recursive: true, mode: 0o770 });
    await finishPuttingAway(folder);
    const names = (await readdir(folder)).slice(0, mostNames).sort();
    const closed: ClosedDelivery[] = [];
    for (const doneName of names.filter((name) => name.endsWith(".done") && !name.startsWith("."))) {
      const look = await lookAt(folder, doneName, names);
      if (look === undefined) continue;
      const key = `${feed}/${doneName}`;
      const before = last.get(key);
      const still = before !== undefined && unchanged(before.look, look);
      const sinceMs = before !== undefined && same(before.look.done, look.done) ? before.sinceMs : options.now().getTime();
      next.set(key, { look, sinceMs });
      if (!still) continue;
      const patient = options.now().getTime() - sinceMs < options.patienceMs;
      if (look.waits !== undefined && patient) continue;
      closed.push(deliveryOf(options, { feed, folder, look, patient }));
    }
    return closed;
  }

  return {
    async closed() {
      const next: typeof last = new Map();
      const closed: ClosedDelivery[] = [];
      for (const feed of options.feeds()) closed.push(...(await closedOf(feed, next)));
      last = next;
      return closed;
    },
  };
}

/** Folders beside those of the feeds, which nobody looks into: a misspelt name, a feed whose mapping is wrong, one that no supplier may send. */
export async function foreignFolders(dir: string, feeds: readonly string[]): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map((entry) => entry.name);
  return folders.filter((name) => !feeds.includes(name) && isFileName(name)).slice(0, mostFiles);
}

async function lookAt(folder: string, doneName: string, names: readonly string[]): Promise<Look | undefined> {
  const done = await seen(folder, doneName);
  if (done === undefined) return undefined;
  const wrong = (problem: string): Look => ({ done, files: [], listed: [], problem });
  if (done.kind !== "file" || done.links > 1) return wrong("the .done file is a link or no plain file");
  if (done.size > longestDoneFile) return wrong("the .done file is no list of files");
  const text = await textOf(folder, done).catch(() => undefined);
  if (text === undefined) return undefined; // it is just being written
  const listed = readDoneFile(text);
  if (typeof listed === "string") return wrong(listed);
  const base = doneName.slice(0, -".done".length);
  const paths = listed.length > 0 ? pathsListed(base, listed, names) : await pathsClosed(folder, base, names);
  if (paths.length > mostFiles) return wrong(`the delivery has more than ${mostFiles} files`);
  const found = await Promise.all(paths.map((path) => seen(folder, path)));
  const files = found.filter((file) => file !== undefined);
  return { done, files, listed, ...judged(paths, files, listed) };
}

/** The files of a list stand beside the `.done` file, or in the folder of its name. */
function pathsListed(base: string, listed: readonly ListedFile[], names: readonly string[]): string[] {
  return listed.map(({ name }) => (!names.includes(name) && names.includes(base) ? `${base}/${name}` : name));
}

async function pathsClosed(folder: string, base: string, names: readonly string[]): Promise<string[]> {
  const inner = await seen(folder, base);
  if (inner?.kind === "folder")
    return (await readdir(join(folder, base))).slice(0, mostFiles + 1).map((name) => `${base}/${name}`);
  const others = names
    .filter((name) => name.endsWith(".done") && name.length > base.length + 5)
    .map((name) => name.slice(0, -5));
  const ours = (name: string) =>
    name.startsWith(base) && !others.some((other) => other.startsWith(base) && name.startsWith(other));
  return names.filter((name) => ours(name) && !name.endsWith(".done") && name !== "taken" && name !== "refused");
}

function judged(paths: readonly string[], files: readonly SeenFile[], listed: readonly ListedFile[]) {
  const nameOf = ({ path }: { path: string }) => path.slice(path.lastIndexOf("/") + 1);
  const special = files.find((file) => file.kind !== "file" || file.links > 1);
  if (special !== undefined) return { problem: "one of the files is a link, a folder or no plain file" };
  if (files.some((file) => !isFileName(nameOf(file)))) return { problem: "the name of a file cannot be used" };
  if (files.some((file) => unfinished.test(nameOf(file))))
    return { waits: "a file still has the name of an unfinished upload" };
  if (paths.length === 0) return { waits: "no file belongs to this .done file" };
  if (files.length < paths.length) return { waits: "a file that the .done file lists is missing" };
  const short = listed.some(
    ({ name, size }) => size !== undefined && files.find((file) => nameOf(file) === name)?.size !== size,
  );
  return short ? { waits: "a file has another size than the .done file says" } : {};
}

function unchanged(before: Look, now: Look): boolean {
  return (
    same(before.done, now.done) &&
    before.files.length === now.files.length &&
    now.files.every((file, at) => same(file, before.files[at] ?? now.done) && file.path === before.files[at]?.path)
  );
}

function deliveryOf(
  { taken, now }: WatchedFolder,
  { feed, folder, look, patient }: { feed: string; folder: string; look: Look; patient: boolean },
): ClosedDelivery {
  const name = look.done.path.slice(0, -".done".length);
  const problem = look.problem ?? (look.waits === undefined ? undefined : `it never was complete: ${look.waits}`);
  const all = [look.done, ...look.files];
  return {
    feed,
    name,
    ...(problem === undefined ? {} : { problem }),
    async *files() {
      for (const file of look.files) {
        const fileName = file.path.slice(file.path.lastIndexOf("/") + 1);
        const wanted = look.listed.find((one) => one.name === fileName)?.sha256;
        yield { name: fileName, content: checked(contentOf(folder, file), { fileName, wanted, patient }) };
      }
    },
    taken: (exportId) => putAway(folder, { files: all, ...(taken === "keep" ? { target: `taken/${exportId}` } : {}) }),
    refused: (reason) => {
      const stamp = now().toISOString().replace(/[-:]/g, "").slice(0, 15);
      return putAway(folder, { files: all, target: `refused/${stamp}-${name}`, reason });
    },
  };
}

/** What does not fit may be an upload that is not over: as long as there is patience it is looked at again. */
async function* checked(
  content: AsyncIterable<Uint8Array>,
  { fileName, wanted, patient }: { readonly fileName: string; readonly wanted: string | undefined; readonly patient: boolean },
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw patient ? error : hopeless(`${fileName} cannot be read, or is still being written`);
  }
  if (wanted === undefined || hash.digest("hex") === wanted) return;
  throw patient ? new Fault("delivery-changed") : hopeless(`the checksum of ${fileName} is not the one in the .done file`);
}

function hopeless(reason: string): Fault {
  return new Fault("request-invalid", { problems: [{ field: "files", reason }] });
}

async function textOf(folder: string, file: SeenFile): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of contentOf(folder, file)) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}
