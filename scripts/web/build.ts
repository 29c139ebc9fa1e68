/**
 * `npm run web`: builds the pages into dist/web (`npm run web -- DIR`: elsewhere). `npm start` and the Docker image do it by themselves.
 * `npm run web -- --watch`: serves them from their sources, renewed at each change, with the API of the platform that runs.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";
import { build, createServer, type InlineConfig } from "vite";
import { noncePlace } from "../../src/http/web/load-pages.ts";
import { readPlatform } from "../client/platform.ts";

/** Where the pages' sources are; all of them are one HTML file and the chunks it loads. */
const root = resolve(import.meta.dirname, "../../src/web");

const settings: InlineConfig = {
  root,
  configFile: false,
  publicDir: false,
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic" } },
};

const [argument = "dist/web"] = process.argv.slice(2);
if (argument === "--watch") await watch();
else await buildInto(resolve(argument));

async function buildInto(folder: string): Promise<void> {
  await build({
    ...settings,
    html: { cspNonce: noncePlace },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "es2022",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // ECharts stands apart and is loaded with the figures alone.
      chunkSizeWarningLimit: 1_000,
      reportCompressedSize: false,
      // antd marks its files for server components, which there are none of here.
      rolldownOptions: { onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning) },
    },
  });
  await compressAll(join(folder, "assets"));
}

/** Once here, so that no request waits for it. */
async function compressAll(folder: string): Promise<void> {
  const names = await readdir(folder);
  await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(folder, name));
      const smaller = await promisify(brotliCompress)(bytes);
      if (smaller.length < bytes.length * 0.9) await writeFile(join(folder, `${name}.br`), smaller);
    }),
  );
}

async function watch(): Promise<void> {
  const { api } = readPlatform();
  const server = await createServer({ ...settings, server: { proxy: { "/web": api } } });
  await server.listen();
  console.log(`pages at ${server.resolvedUrls?.local[0]}recognition  (API: ${api}); stop with Ctrl-C`);
}
