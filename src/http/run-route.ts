import type { Request, RequestHandler } from "express";
import { Fault } from "../kernel/fault.ts";
import { type Authentication, authenticate, type TokenRules } from "./authenticate.ts";
import { authenticateCdsClient, type CdsTokenRules } from "./authenticate-cds-client.ts";
import type { AuthenticationFailures } from "./authentication-failures.ts";
import type { Caller } from "./caller.ts";
import type { Served } from "./context.ts";
import { parseJson } from "./parse-json.ts";
import { parseQuery } from "./parse-query.ts";
import { parseWith } from "./parse-with.ts";
import { type BodyLimits, readBody } from "./read-body.ts";
import type { Ask, GuardedRoute, OpenDeps, OpenRoute, PublicRoute } from "./route.ts";
import { sendAnswer } from "./send-answer.ts";
import type { UseCases } from "./use-cases.ts";

/** What a guarded route needs to run. */
export interface GuardDeps {
  readonly useCases: UseCases;
  readonly tokens: TokenRules;
  readonly cdsTokens: CdsTokenRules;
  readonly publicUrl: string;
  readonly failures: AuthenticationFailures;
  readonly bodies: BodyLimits;
}

/** Runs a route that anybody may call. */
export function runOpen(route: OpenRoute, deps: OpenDeps): RequestHandler {
  return async (_request, response) => {
    const served = response as Served;
    served.locals.context.route = route;
    await sendAnswer(served, await route.handle(deps));
  };
}

/** Runs a route of the API that needs no token. */
export function runPublic(route: PublicRoute, useCases: UseCases): RequestHandler {
  return async (request, response) => {
    const served = response as Served;
    served.locals.context.route = route;
    await sendAnswer(served, await route.handle({ param: paramOf(request), query: queryOf(route, request) }, useCases));
  };
}

/** Runs a route behind a token, in this order: who calls, may they, is the request well formed; only then the handler. */
export function runGuarded(route: GuardedRoute, deps: GuardDeps): RequestHandler {
  return async (request, response) => {
    const served = response as Served;
    served.locals.context.route = route;
    const left = new AbortController();
    served.once("close", () => left.abort());
    const caller = admit(await proofOf(route, deps, request), deps.failures);
    served.locals.context.caller = caller;
    const param = paramOf(request);
    if (!route.policy(caller, { param })) throw new Fault("not-entitled");
    const ask = await askOf(route, deps.bodies, request, { caller, param, signal: left.signal });
    await sendAnswer(served, await route.handle(ask, deps.useCases));
  };
}

async function proofOf(route: GuardedRoute, deps: GuardDeps, request: Request): Promise<Authentication> {
  if (route.credential !== "cds-client") return await authenticate(deps.tokens, bearerOf(request));
  const address = `${deps.publicUrl}${request.path}`;
  // Feedback belongs to its service: the text names the "CDS Service endpoint" as audience and leaves open which of the two addresses that is.
  const audiences = [address, address.replace(/\/feedback$/, "")];
  return await authenticateCdsClient(deps.cdsTokens, bearerOf(request), audiences);
}

function admit(authentication: Authentication, failures: AuthenticationFailures): Caller {
  if (authentication.kind === "caller") return authentication.caller;
  failures.note(authentication.client, authentication.cause);
  throw authentication.fault;
}

type Known = Pick<Ask, "caller" | "param" | "signal">;

async function askOf(route: GuardedRoute, bodies: BodyLimits, request: Request, known: Known): Promise<Ask> {
  const key = idempotencyKeyOf(request);
  return {
    ...known,
    query: queryOf(route, request),
    body:
      route.body === undefined || route.body === "stream"
        ? undefined
        : parseWith(route.body, parseJson(await readBody(request, bodies)), "body"),
    incoming: request,
    ...(key === undefined ? {} : { idempotencyKey: key }),
  };
}

function queryOf(route: Pick<GuardedRoute, "query">, request: Request): unknown {
  const query = parseQuery(request.url);
  if (route.query !== undefined) return parseWith(route.query, query, "query");
  if (Object.keys(query).length === 0) return undefined;
  throw new Fault("request-invalid", { problems: [{ field: "query", reason: "holds a field that is not known here" }] });
}

/** The one Authorization header; two of them could be read differently by two readers. */
function bearerOf(request: Request): string | undefined {
  const all = request.headersDistinct.authorization ?? [];
  return all.length > 1 ? "" : all[0];
}

function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.get("Idempotency-Key");
  if (key === undefined || /^[\x21-\x7e]{1,128}$/.test(key)) return key;
  throw new Fault("request-invalid", {
    problems: [{ field: "Idempotency-Key", reason: "must be 1 to 128 visible ASCII characters" }],
  });
}

function paramOf(request: Request): string {
  const [param] = Object.values(request.params);
  return typeof param === "string" ? param : "";
}
