import type { IncomingMessage } from "node:http";
import type { OperationOutcome, Resource } from "@medplum/fhirtypes";
import type { Registry } from "prom-client";
import type { z } from "zod";
import type { Caller } from "./caller.ts";
import type { ExportIssue } from "./contract/export.ts";
import type { Exact } from "./contract/parts.ts";
import type { Policy } from "./entitle.ts";
import type { LookupEvent, PresentedEvent, Reading, UseCases } from "./use-cases.ts";

/** A request after its door: authenticated, entitled, parsed. */
export interface Ask<Body = unknown, Query = unknown> {
  readonly caller: Caller;
  /** The feed or id in the address. */
  readonly param: string;
  readonly body: Body;
  readonly query: Query;
  readonly idempotencyKey?: string;
  /** Aborts when the client hangs up or the answer is over. */
  readonly signal: AbortSignal;
  /** The unread body of routes that stream it. */
  readonly incoming: IncomingMessage;
}

/** What a handler answers; `send-answer.ts` puts it on the wire. */
export type Answer =
  | { readonly kind: "json"; readonly status: number; readonly body: unknown; readonly location?: string }
  | { readonly kind: "text"; readonly status: number; readonly type: string; readonly text: string }
  | {
      readonly kind: "outcome";
      readonly status: number;
      readonly outcome: OperationOutcome;
      readonly retryAfterSeconds?: number;
    }
  | { readonly kind: "fhir"; readonly status: number; readonly resource: Resource }
  | { readonly kind: "reading"; readonly reading: Reading }
  | { readonly kind: "events"; readonly events: AsyncIterable<LookupEvent | PresentedEvent> }
  | { readonly kind: "rows"; readonly rows: AsyncIterable<ExportIssue>; readonly format: "json" | "csv" };

/** An answer as the API's description tells it. */
interface Described {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly type?: string;
}

interface Common {
  readonly method: "get" | "post" | "put";
  /** OpenAPI template with at most one parameter, e.g. `/lookups/{id}/results`. */
  readonly path: string;
  readonly summary: string;
  /** Errors are OperationOutcomes on FHIR routes, problem+json elsewhere. */
  readonly errors: "fhir" | "problem";
  readonly answers: Readonly<Record<number, Described>>;
}

/** What open routes tell about: the state of the store and the queue, the process's metrics. */
export interface OpenDeps {
  readonly useCases: Pick<UseCases, "readiness">;
  readonly metrics: Registry;
}

/** A route anybody may call: health, metrics, the API's description. */
export interface OpenRoute extends Common {
  readonly door: "open";
  handle(deps: OpenDeps): Promise<Answer>;
}

/** A route of the API anybody may read without a token: what the region publishes. It takes no body, and nothing of a person is behind it. */
export interface PublicRoute<Query = unknown> extends Common {
  readonly door: "public";
  readonly query?: z.ZodType;
  handle(ask: Pick<Ask<undefined, Query>, "param" | "query">, useCases: UseCases): Promise<Answer>;
}

/** A route behind a token and a policy. `body` absent = none is read; `stream` = the handler reads it itself. */
export interface GuardedRoute<Body = unknown, Query = unknown> extends Common {
  readonly door: "guarded";
  /** What proves who calls: an access token of our issuer, or the JWT a CDS client signs for each call; absent = the first. */
  readonly credential?: "access-token" | "cds-client";
  readonly policy: Policy;
  readonly body?: z.ZodType | "stream";
  readonly query?: z.ZodType;
  handle(ask: Ask<Body, Query>, useCases: UseCases): Promise<Answer>;
}

export type Route = OpenRoute | PublicRoute | GuardedRoute;

type Parsed<Schema> = Schema extends z.ZodType ? Exact<z.output<Schema>> : undefined;

/** A guarded route whose handler sees its body and query as their schemas type them. */
export function guarded<
  Body extends z.ZodType | "stream" | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
>(
  route: Omit<GuardedRoute<Parsed<Body>, Parsed<Query>>, "door" | "body" | "query"> & {
    readonly body?: Body;
    readonly query?: Query;
  },
): GuardedRoute {
  return { ...route, door: "guarded" } as unknown as GuardedRoute;
}

/** A public route whose handler sees its query as its schema types it. */
export function published<Query extends z.ZodType | undefined = undefined>(
  route: Omit<PublicRoute<Parsed<Query>>, "door" | "query"> & { readonly query?: Query },
): PublicRoute {
  return { ...route, door: "public" } as unknown as PublicRoute;
}
