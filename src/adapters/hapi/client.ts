import type { OperationOutcome } from "@medplum/fhirtypes";
import { errors, Pool } from "undici";
import { parseExact } from "../../kernel/exact-json.ts";
import { Fault } from "../../kernel/fault.ts";

/** One HTTP exchange with HAPI as it went over the wire; a bench records these to play them again. */
export interface HapiExchange {
  readonly method: "GET" | "PUT" | "POST";
  /** Path below `/fhir`, with the tenant: `/DEFAULT/Task/h…`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What HAPI answered: status, parsed body, and the version in the ETag when there is one. */
export interface HapiAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly etag?: string;
}

/** How long one exchange may take, and whether decimals keep their digits. */
export interface SendOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  readonly exactDecimals?: boolean;
}

/** The wire to HAPI: keep-alive connections, a deadline on every exchange, transport failures as `Fault("store-down")`. */
export interface HapiClient {
  send(exchange: HapiExchange, options: SendOptions): Promise<HapiAnswer>;
  close(): Promise<void>;
}

/** `baseUrl` ends in `/fhir`. */
export function createHapiClient(options: { baseUrl: string; connections?: number }): HapiClient {
  const base = new URL(options.baseUrl);
  const pool = new Pool(base.origin, {
    connections: options.connections ?? 32,
    keepAliveTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const root = base.pathname.replace(/\/$/, "");

  return {
    async send(exchange, { deadlineMs, signal, exactDecimals }) {
      const deadline = AbortSignal.timeout(deadlineMs);
      try {
        const answer = await pool.request({
          method: exchange.method,
          path: root + exchange.path,
          headers: { accept: "application/fhir+json", ...exchange.headers },
          body: exchange.body ?? null,
          signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
        });
        const text = await answer.body.text();
        const etag = versionIn(answer.headers.etag);
        return {
          status: answer.statusCode,
          body: parseBody(text, exactDecimals ?? false),
          ...(etag === undefined ? {} : { etag }),
        };
      } catch (cause) {
        if (cause instanceof Fault) throw cause;
        throw new Fault("store-down", { cause: withoutValues(cause) });
      }
    },
    close: () => pool.close(),
  };
}

/** The version in an ETag, `W/"3"` or `3`. */
export function versionIn(etag: string | string[] | undefined): string | undefined {
  return /(\d+)/.exec([etag].flat()[0] ?? "")?.[1];
}

/**
 * Sorts an unwelcome status: 409 and 412 are for the caller to judge; 5xx and 429 = down; any other = refused, with HAPI's own code and the places it
 * named. A 500 is told as the problem `status`: it may be the content, on which HAPI fails every time.
 */
export function faultOf(answer: HapiAnswer): Fault {
  if (answer.status === 500) return new Fault("store-down", { problems: [{ field: "status", reason: "500" }] });
  if (answer.status >= 500 || answer.status === 429) return new Fault("store-down");
  const outcome = answer.body as OperationOutcome | undefined;
  const issues = outcome?.resourceType === "OperationOutcome" ? outcome.issue : [];
  const code = /HAPI-\d+/.exec(issues[0]?.diagnostics ?? "")?.[0];
  return new Fault("store-refused", {
    detail: `The FHIR store refused the content (status ${answer.status}${code === undefined ? "" : `, ${code}`}).`,
    problems: issues.flatMap((issue) =>
      (issue.expression ?? issue.location ?? []).map((field) => ({ field, reason: code ?? issue.code })),
    ),
  });
}

function parseBody(text: string, exactDecimals: boolean): unknown {
  if (text === "") return undefined;
  try {
    return exactDecimals ? parseExact(text) : JSON.parse(text);
  } catch {
    throw new Fault("store-down", { detail: "The FHIR store answered something that is no JSON." });
  }
}

/** Transport errors carry no content, but abort reasons and parser errors might: keep only the name and code. */
function withoutValues(cause: unknown): Error {
  const code = cause instanceof errors.UndiciError ? cause.code : ((cause as { code?: string }).code ?? "unknown");
  return new Error(`${(cause as Error).name ?? "Error"} ${code}`);
}
