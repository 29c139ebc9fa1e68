import type { Request, RequestHandler } from "express";
import type { z } from "zod";
import { Fault } from "../../kernel/fault.ts";
import type { AuthenticationFailures } from "../authentication-failures.ts";
import type { Caller, KnownClient } from "../caller.ts";
import type { Served } from "../context.ts";
import type { Exact } from "../contract/parts.ts";
import type { Policy } from "../entitle.ts";
import { parseJson } from "../parse-json.ts";
import { parseQuery } from "../parse-query.ts";
import { parseWith } from "../parse-with.ts";
import { type BodyLimits, readBody } from "../read-body.ts";
import type { Answer } from "../route.ts";
import { sendAnswer } from "../send-answer.ts";
import type { UseCases } from "../use-cases.ts";
import { isFromOwnPage } from "./own-page.ts";
import { secretOf } from "./session-cookie.ts";
import type { WebSession, WebSessions } from "./web-session.ts";

/** A page's request after its door: the session found, its caller still registered, the request parsed. */
export interface PageAsk<Body = unknown, Query = unknown> {
  readonly session: WebSession;
  readonly caller: Caller;
  readonly body: Body;
  readonly query: Query;
  /** The page has been shown this check: from now on its orders may be answered here. */
  shown(check: string): Promise<void>;
  readonly signal: AbortSignal;
}

/** What a page asks for under its session. */
export interface PageRoute<Body = unknown, Query = unknown> {
  readonly method: "get" | "post";
  /** Below `/web/sessions/{session}`, with its slash; empty = the session itself. */
  readonly path: string;
  /** The page that may ask; absent = either. */
  readonly page?: "popup" | "staff";
  readonly policy: Policy;
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  handle(ask: PageAsk<Body, Query>, useCases: UseCases): Promise<Answer>;
}

type Parsed<Schema> = Schema extends z.ZodType ? Exact<z.output<Schema>> : undefined;

/** A page's route whose handler sees its body and query as their schemas type them. */
export function ofPage<Body extends z.ZodType | undefined = undefined, Query extends z.ZodType | undefined = undefined>(
  route: Omit<PageRoute<Parsed<Body>, Parsed<Query>>, "body" | "query"> & { readonly body?: Body; readonly query?: Query },
): PageRoute {
  return route as unknown as PageRoute;
}

/** What running a page's route needs. */
export interface SessionDoor {
  readonly useCases: UseCases;
  readonly sessions: WebSessions;
  readonly failures: AuthenticationFailures;
  readonly bodies: BodyLimits;
  clientOf(id: string): KnownClient | undefined;
  nameOf(institution: string): string;
}

/** Runs a page's route, in this order: is it our page that asks, is the session alive, may its caller, is the request well formed. */
export function runSession(route: PageRoute, door: SessionDoor): RequestHandler {
  return async (request, response) => {
    const served = response as Served;
    const path = `/web/sessions/{session}${route.path}`;
    served.locals.context.route = { method: route.method, path, errors: "problem" };
    const left = new AbortController();
    served.once("close", () => left.abort());
    const { session, secret } = await sessionOf(door, request);
    const caller = stillKnown(door, session.caller);
    served.locals.context.caller = caller;
    const may = (route.page === undefined || route.page === session.opened.page) && route.policy(caller, { param: "" });
    if (!may) throw new Fault("not-entitled");
    const ask = {
      ...{ session, caller, signal: left.signal },
      ...(await parsed(route, door.bodies, request)),
      shown: (check: string) => door.sessions.shown(session.id, secret, check),
    };
    await sendAnswer(served, await route.handle(ask, door.useCases));
  };
}

async function sessionOf(door: SessionDoor, request: Request): Promise<{ session: WebSession; secret: string }> {
  const { session: id } = request.params;
  const secret = secretOf(request.headers.cookie);
  if (typeof id !== "string" || secret === undefined || !isFromOwnPage(request.headers)) throw over(door);
  const session = await door.sessions.find(id, secret);
  if (session === undefined) throw over(door);
  return { session, secret };
}

function over(door: Pick<SessionDoor, "failures">): Fault {
  door.failures.note("unknown", "page-session");
  return new Fault("session-over");
}

/** The registry is asked at each request: what it takes from a client, it takes from the pages that are open. */
function stillKnown(door: SessionDoor, caller: Caller): Caller {
  const client = door.clientOf(caller.client);
  if (client === undefined || client.kind !== caller.kind || client.institution !== caller.institution) throw over(door);
  return { ...caller, scopes: caller.scopes.filter((scope) => client.scopes.includes(scope)) };
}

async function parsed(route: PageRoute, bodies: BodyLimits, request: Request): Promise<Pick<PageAsk, "body" | "query">> {
  const query = parseQuery(request.url);
  if (route.query === undefined && Object.keys(query).length > 0) {
    throw new Fault("request-invalid", { problems: [{ field: "query", reason: "holds a field that is not known here" }] });
  }
  return {
    query: route.query === undefined ? undefined : parseWith(route.query, query, "query"),
    body: route.body === undefined ? undefined : parseWith(route.body, parseJson(await readBody(request, bodies)), "body"),
  };
}
