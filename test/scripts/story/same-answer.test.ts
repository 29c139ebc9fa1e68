import { describe, expect, it } from "@jest/globals";
import type { Answer } from "../../../scripts/client/call.ts";
import { mustBeSame } from "../../../scripts/story/same-answer.ts";

const answer = (more: { status?: number; headers?: Record<string, string>; body?: unknown } = {}): Answer => ({
  status: more.status ?? 202,
  headers: new Headers({ "content-type": "application/json", date: "now", "content-location": "/lookups/h1", ...more.headers }),
  body: more.body ?? { id: "h1", status: "accepted", note: "more may exist" },
  ms: 1,
});

describe("two answers that must not tell anything apart", () => {
  it("are the same when only their ids, places and times differ", () => {
    const other = answer({
      headers: { date: "later", "content-location": "/lookups/h2" },
      body: { id: "h2", status: "accepted", note: "more may exist" },
    });
    expect(() => mustBeSame(answer(), other)).not.toThrow();
  });

  it.each([
    { leak: "another status", other: answer({ status: 200 }) },
    { leak: "a header more", other: answer({ headers: { "retry-after": "2" } }) },
    { leak: "another length, told by a header", other: answer({ headers: { "content-length": "99" } }) },
    { leak: "a field more", other: answer({ body: { id: "h2", status: "accepted", note: "more may exist", sources: 2 } }) },
    { leak: "another sentence", other: answer({ body: { id: "h2", status: "accepted", note: "nothing exists" } }) },
    { leak: "another order of fields", other: answer({ body: { status: "accepted", id: "h2", note: "more may exist" } }) },
  ])("differ by $leak", ({ other }) => {
    expect(() => mustBeSame(answer(), other)).toThrow();
    expect(() => mustBeSame(other, answer())).toThrow();
  });
});
