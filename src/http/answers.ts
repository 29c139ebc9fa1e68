import type { z } from "zod";
import { Fault } from "../kernel/fault.ts";
import { WorkId } from "./contract/parts.ts";
import type { Answer } from "./route.ts";
import type { Wrong } from "./use-cases.ts";

/** An answer cut to its contract: fields the schema does not name never leave. Throws `Fault("unexpected")` when one is missing. */
export function json(schema: z.ZodType, value: unknown, more: { status?: number; location?: string } = {}): Answer {
  const presented = schema.safeParse(value);
  if (!presented.success) throw new Fault("unexpected", { cause: presented.error });
  const { status = 200, location } = more;
  return { kind: "json", status, body: presented.data, ...(location === undefined ? {} : { location }) };
}

/** The value, or 404: what is not there and what is somebody else's look the same. */
export function orNotFound<T>(value: T | undefined): T {
  if (value === undefined) throw new Fault("not-found");
  return value;
}

/** The outcome without its "wrong" case, which becomes 400 with the places at fault. */
export function orInvalid<T extends { readonly kind: string }>(outcome: T | Wrong): Exclude<T, Wrong> {
  if (outcome.kind === "wrong") throw new Fault("request-invalid", { problems: (outcome as Wrong).problems });
  return outcome as Exclude<T, Wrong>;
}

/** The outcome without its "conflict" case, which becomes 409: the same key came with other content. */
export function orConflict<T extends { readonly kind: string }>(outcome: T): Exclude<T, { readonly kind: "conflict" }> {
  if (outcome.kind === "conflict") throw new Fault("conflict");
  return outcome as Exclude<T, { readonly kind: "conflict" }>;
}

/** An id of ours, or 404 like every other address where there is nothing. */
export function workId(param: string): string {
  return orNotFound(WorkId.safeParse(param).data);
}
