import { randomBytes } from "node:crypto";
import { type RequestHandler, Router } from "express";
import { Fault } from "../../kernel/fault.ts";
import type { Served } from "../context.ts";
import type { Pages } from "./load-pages.ts";

/** Addresses of pages; all are the one HTML file, which looks at its own address. */
const pagePaths = ["/recognition", "/recognition/popup"] as const;

/**
 * What a page may do: scripts and styles of ours alone (a style made at run time carries the nonce), no eval, no other site, no frame.
 * Pictures may be `data:`, for the watermark.
 */
function policyOf(nonce: string): string {
  return [
    ...["default-src 'none'", "script-src 'self'", `style-src 'self' 'nonce-${nonce}'`, "img-src 'self' data:"],
    ...["connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join("; ");
}

/** Serves the pages: the HTML never from a cache, the files it names for ever. */
export function servePages(pages: Pages): RequestHandler {
  const router = Router({ caseSensitive: true, strict: true });
  for (const path of pagePaths) {
    router.get(path, (_request, response) => {
      const nonce = randomBytes(18).toString("base64url");
      asRoute(response as Served, path);
      // A window the hospital's system opened must not reach back into that system's window, nor be reached from it.
      response.set({ "Content-Security-Policy": policyOf(nonce), "Cross-Origin-Opener-Policy": "same-origin" });
      response.status(200).type("text/html; charset=utf-8").end(pages.html(nonce));
    });
  }
  router.get("/assets/:name", (request, response) => {
    asRoute(response as Served, "/assets/{name}");
    const asset = pages.assets.get(request.params.name);
    if (asset === undefined) throw new Fault("not-found");
    const compressed = asset.brotli !== undefined && /\bbr\b/.test(request.get("Accept-Encoding") ?? "");
    response.set({
      "Cache-Control": "public, max-age=31536000, immutable",
      "Content-Type": asset.type,
      Vary: "Accept-Encoding",
    });
    if (compressed) response.set("Content-Encoding", "br");
    response.status(200).end(compressed ? asset.brotli : asset.bytes);
  });
  return router;
}

function asRoute(response: Served, path: string): void {
  response.locals.context.route = { method: "get", path, errors: "problem" };
}
