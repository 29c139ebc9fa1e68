import type { z } from "zod";
import { Fault, type Problem } from "../kernel/fault.ts";

/** The value as its schema types it. Throws `Fault("request-invalid")` with the places at fault; a value or a name the caller made up is never repeated. */
export function parseWith(schema: z.ZodType, value: unknown, place: "body" | "query"): unknown {
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new Fault("request-invalid", { problems: parsed.error.issues.slice(0, 20).map((issue) => problemOf(issue, place)) });
  return parsed.data;
}

function problemOf(issue: z.core.$ZodIssue, place: string): Problem {
  const field = issue.path.map(String).join(".") || place;
  return { field, reason: issue.code === "unrecognized_keys" ? "holds a field that is not known here" : issue.message };
}
