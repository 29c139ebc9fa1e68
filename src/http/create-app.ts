import express, { type Express, type RequestHandler } from "express";
import type { Registry } from "prom-client";
import type { Now } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { TokenRules } from "./authenticate.ts";
import type { CdsTokenRules } from "./authenticate-cds-client.ts";
import type { AuthenticationFailures } from "./authentication-failures.ts";
import { openContext } from "./context.ts";
import { handleError } from "./handle-error.ts";
import { createHttpMetrics } from "./http-metrics.ts";
import type { Route } from "./route.ts";
import { allRoutes, operationRoutes } from "./routes.ts";
import { type GuardDeps, runGuarded, runOpen, runPublic } from "./run-route.ts";
import type { UseCases } from "./use-cases.ts";
import { mountWeb, type Web } from "./web/mount-web.ts";

/** What a process needs to tell its health and metrics. */
export interface OperationsDeps {
  readonly useCases: Pick<UseCases, "readiness">;
  readonly metrics: Registry;
  readonly log: Log;
}

/** What the API is built from; `issuer` is the embedded token issuer's handler, absent when an external one is used. */
export interface AppDeps extends OperationsDeps {
  readonly useCases: UseCases;
  readonly tokens: TokenRules;
  readonly cdsTokens: CdsTokenRules;
  readonly failures: AuthenticationFailures;
  readonly now: Now;
  /** Address under which the outside reaches us, without a slash at its end; also the audience of tokens. */
  readonly publicUrl: string;
  readonly issuer?: RequestHandler;
  /** The pages people look at. */
  readonly web?: Web;
}

const bodies = { maxBytes: 256 * 1024, timeoutMs: 30_000 };

/** The API: context and headers, the issuer, the table of routes, 404 for all else, the error handler. */
export function createApp(deps: AppDeps): Express {
  const secure = deps.publicUrl.startsWith("https:");
  const app = bareApp(deps, secure);
  if (deps.issuer !== undefined) app.use("/oidc", deps.issuer);
  onlyKnownMethods(app);
  const guard = { ...deps, bodies };
  for (const route of allRoutes(deps.publicUrl)) {
    app[route.method](expressPath(route), handlerOf(route, deps, guard));
  }
  if (deps.web !== undefined) {
    const { clientOf } = deps.tokens;
    app.use(mountWeb(deps.web, { ...guard, clientOf }, { secure, now: deps.now }));
  }
  return closed(app, (refusal) => deps.useCases.refused({ ...refusal, at: deps.now() }), deps.log);
}

/** Health and metrics of a process that does not serve the API. */
export function createOperationsApp(deps: OperationsDeps): Express {
  const app = bareApp(deps, false);
  onlyKnownMethods(app);
  for (const route of operationRoutes) app[route.method](expressPath(route), runOpen(route, deps));
  return closed(app, async () => {}, deps.log);
}

function bareApp(deps: OperationsDeps, secure: boolean): Express {
  const app = express();
  app.disable("x-powered-by").disable("etag").disable("query parser");
  app.enable("case sensitive routing").enable("strict routing");
  return app.use(openContext({ log: deps.log, metrics: createHttpMetrics(deps.metrics), secure }));
}

/** Express would answer HEAD by running GET, and a reading must not happen unseen. */
function onlyKnownMethods(app: Express): void {
  app.use((request, _response, next) => {
    next(["GET", "POST", "PUT"].includes(request.method) ? undefined : new Fault("not-found"));
  });
}

function handlerOf(route: Route, deps: AppDeps, guard: GuardDeps): RequestHandler {
  if (route.door === "open") return runOpen(route, deps);
  return route.door === "public" ? runPublic(route, deps.useCases) : runGuarded(route, guard);
}

function expressPath(route: Route): string {
  return route.path.replace(/\{(\w+)\}/, ":$1");
}

function closed(app: Express, refused: Parameters<typeof handleError>[0]["refused"], log: Log): Express {
  app.use(() => {
    throw new Fault("not-found");
  });
  return app.use(handleError({ refused, log }));
}
