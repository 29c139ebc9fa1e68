import { randomUUID } from "node:crypto";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { Log } from "../kernel/log.ts";
import type { Caller } from "./caller.ts";
import type { HttpMetrics } from "./http-metrics.ts";
import type { Route } from "./route.ts";

/** What the pipeline knows of a request. */
export interface Context {
  readonly requestId: string;
  readonly started: number;
  route?: Pick<Route, "method" | "path" | "errors">;
  caller?: Caller;
}

export type Served = Response<unknown, { context: Context }>;

const securityHeaders = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
} as const;

/** Gives every request an id of ours, sets the headers every answer has, and when it is over counts and logs it by route template. */
export function openContext(deps: {
  readonly log: Log;
  readonly metrics: HttpMetrics;
  readonly secure: boolean;
}): RequestHandler {
  return (request: Request, response: Response, next: NextFunction) => {
    const served = response as Served;
    const context: Context = { requestId: randomUUID(), started: performance.now() };
    served.locals.context = context;
    response.set(securityHeaders).set("X-Request-Id", context.requestId);
    if (deps.secure) response.set("Strict-Transport-Security", "max-age=31536000");
    response.once("close", () => {
      finishUpload(request);
      report(deps, request, served);
    });
    next();
  };
}

/** Templates and codes only: an address may hold anything. */
function report(deps: { readonly log: Log; readonly metrics: HttpMetrics }, request: Request, response: Served): void {
  const { context } = response.locals;
  const route = context.route?.path ?? (request.originalUrl.startsWith("/oidc/") ? "/oidc" : "unmatched");
  const status = response.writableFinished ? response.statusCode : 499;
  const ms = Math.round(performance.now() - context.started);
  deps.metrics.observe({ method: request.method, route, status, seconds: ms / 1000 });
  const { requestId, caller } = context;
  deps.log.info({ requestId, method: request.method, route, status, ms, client: caller?.client }, "request served");
}

/** An answer may be over before its request is: the rest is let in for a moment, so that the client reads the answer, then cut. */
function finishUpload(request: Request): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), 3000).unref();
  request.once("close", () => clearTimeout(timer));
}
