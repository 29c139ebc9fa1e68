import { readdir, readFile } from "node:fs/promises";
import { join, posix, relative } from "node:path";
import type { ExportFile } from "../../mapping/mapped.ts";
import type { VersionFile } from "./version.ts";

/** Most files and bytes of one version; mappings are text a person wrote. */
const most = { files: 400, bytes: 8 << 20 };

/** The files of an upload in their places, or why they cannot be used. */
export type Arranged =
  | { readonly kind: "arranged"; readonly files: readonly VersionFile[] }
  | { readonly kind: "wrong"; readonly reason: string };

/**
 * Puts uploaded files where a folder of mappings has them. An archive may hold the feed's folder, or a whole folder of mappings (`tables/`, `families/`
 * beside it); files that come one by one have no folder: YAML belongs to the feed, CSV to its tables. Cases stay behind.
 */
export async function arrangeUpload(feed: string, uploaded: readonly ExportFile[]): Promise<Arranged> {
  const read = await readAll(uploaded);
  if ("reason" in read) return { kind: "wrong", reason: read.reason };
  const roots = read.files.filter(({ path }) => posix.basename(path) === "feed.yaml").map(({ path }) => posix.dirname(path));
  const root = roots.find((one) => posix.basename(one) === feed) ?? roots.sort((a, b) => a.length - b.length)[0];
  if (root === undefined) return { kind: "wrong", reason: "holds no feed.yaml" };
  const files = read.files.flatMap(({ path, text }) => {
    const place = placeIn(feed, root, path);
    return place === undefined || place.includes("/cases/") ? [] : [{ path: place, text }];
  });
  const paths = new Set(files.map((file) => file.path));
  return paths.size < files.length ? { kind: "wrong", reason: "holds two files of one name" } : { kind: "arranged", files };
}

function placeIn(feed: string, root: string, path: string): string | undefined {
  if (!/\.(yaml|csv)$/.test(path)) return undefined;
  const inside = posix.relative(root, path);
  if (!inside.startsWith("..")) return `${feed}/${inside.endsWith(".csv") && !inside.includes("/") ? "tables/" : ""}${inside}`;
  const beside = posix.relative(posix.dirname(root), path);
  return /^(tables|families)\//.test(beside) ? beside : undefined;
}

async function readAll(uploaded: readonly ExportFile[]): Promise<{ files: VersionFile[] } | { reason: string }> {
  const files: VersionFile[] = [];
  let bytes = 0;
  for (const { name, open } of uploaded) {
    const path = posix.normalize(name);
    if (path.startsWith("..") || path.startsWith("/") || files.length >= most.files)
      return { reason: "holds too many files, or one outside its folder" };
    const chunks: Uint8Array[] = [];
    for await (const chunk of open()) {
      bytes += chunk.length;
      if (bytes > most.bytes) return { reason: `holds more than ${most.bytes} bytes` };
      chunks.push(chunk);
    }
    try {
      files.push({ path, text: new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)) });
    } catch {
      if (/\.(yaml|csv)$/.test(path) && !path.includes("cases/")) return { reason: `${path} is not UTF-8` };
    }
  }
  return { files };
}

/** The region's code tables and the family a feed extends, as shipped: frozen into the version, so that it means the same on every host and day. */
export async function withShipped(files: readonly VersionFile[], feed: string, shipped: string): Promise<VersionFile[]> {
  const own = new Set(files.map((file) => file.path));
  const feedFile = files.find(({ path }) => path === `${feed}/feed.yaml`)?.text ?? "";
  const family = /^extends:\s*["']?([a-z0-9-]+)/m.exec(feedFile)?.[1];
  const folders = ["tables", ...(family === undefined ? [] : [`families/${family}`])];
  const added = (await Promise.all(folders.map((folder) => filesUnder(shipped, folder)))).flat();
  return [...files, ...added.filter((file) => !own.has(file.path) && !file.path.includes("/cases/"))];
}

/** The files of a feed as shipped, complete; none when it is not shipped. */
export async function shippedFiles(feed: string, shipped: string): Promise<VersionFile[]> {
  const own = (await filesUnder(shipped, feed)).filter(({ path }) => !path.includes("/cases/"));
  return own.length === 0 ? [] : withShipped(own, feed, shipped);
}

async function filesUnder(root: string, folder: string): Promise<VersionFile[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    },
  );
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(yaml|csv)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths
      .sort()
      .map(async (path) => ({ path: relative(root, path).replaceAll("\\", "/"), text: await readFile(path, "utf8") })),
  );
}
