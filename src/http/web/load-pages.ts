import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";

/** A file of the built pages; its name holds a digest of its content, so it never changes. */
export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
  /** The same, compressed by the build; absent for what does not get smaller. */
  readonly brotli?: Buffer;
}

/** The built pages in memory. */
export interface Pages {
  /** The one HTML page, with the nonce that its styles carry. */
  html(nonce: string): string;
  /** By the last part of its address. */
  readonly assets: ReadonlyMap<string, Asset>;
}

/** What the build puts in the place of each nonce. */
export const noncePlace = "hutong-nonce";

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** Reads the folder the build wrote. Throws when it is not there. */
export async function loadPages(dir: string): Promise<Pages> {
  const page = await readFile(join(dir, "index.html"), "utf8");
  const folder = join(dir, "assets");
  const names = new Set(await readdir(folder));
  const assets = new Map<string, Asset>();
  for (const name of names) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    const brotli = names.has(`${name}.br`) ? { brotli: await readFile(join(folder, `${name}.br`)) } : {};
    assets.set(name, { type, bytes: await readFile(join(folder, name)), ...brotli });
  }
  return { html: (nonce) => page.replaceAll(noncePlace, nonce), assets };
}
