import { Ajv2019, type ValidateFunction } from "ajv/dist/2019.js";
import { discovery } from "./specification/discovery.ts";
import { feedbackRequest, hookRequest } from "./specification/requests.ts";
import { response } from "./specification/response.ts";

const ajv = new Ajv2019({ strict: true, strictTypes: false, strictRequired: false, allErrors: true, verbose: true });
const schemas: Readonly<Record<string, ValidateFunction>> = {
  discovery: ajv.compile(discovery),
  response: ajv.compile(response),
  "hook request": ajv.compile(hookRequest),
  "feedback request": ajv.compile(feedbackRequest),
};

/** Where a document leaves the text of CDS Hooks 2.0.1, each with the heading it offends; empty = it is as the text says. */
export function offences(document: "discovery" | "response" | "hook request" | "feedback request", value: unknown): string[] {
  const validate = schemas[document];
  if (validate === undefined || validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, parentSchema }) => {
    const clause = (parentSchema as { $comment?: string } | undefined)?.$comment;
    return `${instancePath || "/"} ${message}${clause === undefined ? "" : ` [${clause}]`}`;
  });
}

/** The value, when it is as the text says. */
export function asSpecified<T>(document: Parameters<typeof offences>[0], value: T): T {
  const found = offences(document, value);
  if (found.length > 0) throw new Error(`not as CDS Hooks 2.0.1 has it:\n${found.join("\n")}`);
  return value;
}
