import type { ErrorRequestHandler } from "express";
import { asFault, Fault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { Context, Served } from "./context.ts";
import { errorAnswer } from "./problem.ts";
import type { Refusal } from "./use-cases.ts";

interface ErrorDeps {
  /** Audits a refusal. */
  refused(refusal: Omit<Refusal, "at">): Promise<void>;
  readonly log: Log;
}

/**
 * The HTTP side's one place where faults end: a refusal is audited, the fault is logged as its code says, and the caller gets its fixed
 * sentence. An answer that has begun is cut instead, so that nobody takes it for whole.
 */
export function handleError(deps: ErrorDeps): ErrorRequestHandler {
  return async (error, _request, response, _next) => {
    const served = response as Served;
    const { context } = served.locals;
    const fault = await audited(deps, context, faultOf(error));
    const { requestId, caller } = context;
    const route = context.route?.path ?? "unmatched";
    deps.log[fault.traits.level](
      { requestId, route, client: caller?.client, code: fault.code, err: causeOf(fault) },
      "request failed",
    );
    if (served.headersSent) {
      served.destroy();
      return;
    }
    const { status, type, body } = errorAnswer(fault, context.route?.errors ?? "problem", requestId);
    if (status === 401)
      served.set("WWW-Authenticate", `Bearer realm="hutong"${fault.code === "token-invalid" ? ', error="invalid_token"' : ""}`);
    if (fault.traits.retry === "soon") served.set("Retry-After", "2");
    served.status(status).set("Content-Type", `${type}; charset=utf-8`).end(JSON.stringify(body));
  };
}

/** The same fault, after its refusal was written; when it cannot be written, the fault that prevented it. */
async function audited(deps: ErrorDeps, context: Context, fault: Fault): Promise<Fault> {
  if (fault.code !== "not-entitled" || context.caller === undefined) return fault;
  const { requestId, caller, route } = context;
  const where = `${route?.method.toUpperCase()} ${route?.path}`;
  try {
    await deps.refused({ requestId, route: where, code: fault.code, caller });
    return fault;
  } catch (error) {
    return asFault(error);
  }
}

/** Express itself throws for an address it cannot decode; that is the caller's mistake. */
function faultOf(error: unknown): Fault {
  return error instanceof URIError ? new Fault("not-found") : asFault(error);
}

/** Only faults that are not the caller's doing carry their cause to the log: a parser's message may repeat the request. */
function causeOf(fault: Fault): unknown {
  return fault.traits.level === "error" ? fault : undefined;
}
