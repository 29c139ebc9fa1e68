import type { Answer } from "../client/call.ts";
import { must } from "./tell.ts";

// What differs between any two answers: names of the answer itself, and when it was given.
const own = new Set(["date", "content-location", "location", "etag", "x-request-id", "request-id"]);

/** Two answers that differ in nothing but their own names tell nobody whether a resident is known. Throws, naming the first difference. */
export function mustBeSame(one: Answer, other: Answer): void {
  must(one.status === other.status, `status ${one.status} against ${other.status}`);
  const headers = (answer: Answer) =>
    [...answer.headers].filter(([name]) => !own.has(name)).map(([name, value]) => `${name}: ${value}`);
  const [first, second] = [headers(one), headers(other)];
  const odd = first.find((line) => !second.includes(line)) ?? second.find((line) => !first.includes(line));
  must(odd === undefined, `header ${odd}`);
  const [left, right] = [withoutId(one.body), withoutId(other.body)];
  must(left === right, `bodies differ: ${left} against ${right}`);
}

/** The body as text, ids and request ids blanked. */
function withoutId(body: unknown): string {
  return JSON.stringify(body, (key, value) => (key === "id" || key === "requestId" ? "…" : value));
}
