import { describe, expect, it } from "@jest/globals";
import { serveOutcomes } from "../../src/http/serve/serve-outcomes.ts";
import type { UseCases } from "../../src/http/use-cases.ts";
import { Fault } from "../../src/kernel/fault.ts";
import type { FaultDeps } from "../../src/ordering/outcomes/report-faults.ts";
import { otherId } from "./fake-use-cases.ts";
import { fault, goodRequest, outcomes, send } from "./requests.ts";
import { startApp } from "./start-app.ts";
import { tokenFor } from "./tokens.ts";

const route = "POST /recognitions/{id}/outcome";
const evidence = outcomes[0]?.evidence ?? "";
type State = NonNullable<Awaited<ReturnType<UseCases["recordOutcomes"]>>>[number]["state"];

/** The status with which a batch is answered whose entries came to this. */
async function statusOf(states: readonly State[]): Promise<number> {
  const answers = states.map((state) => ({ order: "o1", state }));
  const { app } = startApp({ recordOutcomes: async () => answers });
  const response = await send(app, goodRequest(route), await tokenFor("institution"));
  expect(response.body.answers).toEqual(answers);
  return response.status;
}

describe("the answers of a batch", () => {
  it.each<[number, State[], string]>([
    [200, ["recorded"], "it stands"],
    [200, ["same"], "it stood"],
    [200, ["incomplete"], "it is kept without its reason"],
    [200, ["conflict", "wrong", "recorded"], "one stands, whatever became of the others"],
    [409, ["conflict"], "another answer stands"],
    [409, ["changed"], "the result is not the one that was shown"],
    [409, ["not-permitted"], "consent is gone"],
    [409, ["too-late"], "the window has passed"],
    [409, ["wrong", "conflict"], "none stands, and one for a reason beyond the request"],
    [400, ["wrong"], "it is wrong"],
    [400, ["unknown-order", "wrong"], "all are wrong"],
    [503, ["unavailable"], "only the source does not answer"],
  ])("are told with status %d when %j: %s", async (status, states) => {
    expect(await statusOf(states)).toBe(status);
  });

  it("of a check that is not there, or somebody else's, is 404", async () => {
    const { app } = startApp();
    const response = await send(
      app,
      goodRequest(route, { url: `/recognitions/${otherId}/outcome` }),
      await tokenFor("institution"),
    );
    expect(response.status).toBe(404);
  });
});

describe("a malformed answer", () => {
  const declined = { order: "o1", outcome: "declined", reason: "condition-changed" };
  it.each([
    ["no outcome", { outcomes: [] }],
    ["an outcome nobody knows", { outcomes: [{ order: "o1", outcome: "postponed" }] }],
    ["adopting with a reason", { outcomes: [{ ...outcomes[0], reason: "condition-changed" }] }],
    ["adopting without evidence", { outcomes: [{ order: "o1", outcome: "adopted" }] }],
    ["evidence without a version", { outcomes: [{ ...outcomes[0], evidence: evidence.replace(/\/_history.*/, "") }] }],
    ["evidence that climbs out", { outcomes: [{ ...outcomes[0], evidence: `../../${evidence}` }] }],
    ["neither order nor orders", { outcomes: [{ outcome: "declined", reason: "emergency" }] }],
    ["order and orders at once", { outcomes: [{ ...declined, orders: ["o2"] }] }],
    ["an item of several orders", { outcomes: [{ outcome: "declined", orders: ["o1", "o2"], item: "creatinine" }] }],
    ["601 characters of text", { outcomes: [{ ...declined, text: "查".repeat(601) }] }],
    ["an escape sequence in the text", { outcomes: [{ ...declined, text: "a\u001b[31m" }] }],
    ["an explanation without an offset", { outcomes: [declined], explained: { at: "2026-11-22T10:00:00" } }],
    ["201 outcomes", { outcomes: Array(201).fill(declined) }],
    ["a field nobody knows", { outcomes: [declined], resident: "990101199001010018" }],
  ])("with %s is 400 and reaches nobody", async (_, body) => {
    const { app, seen } = startApp();
    const response = await send(app, goodRequest(route, { body }), await tokenFor("institution"));
    expect(response.status).toBe(400);
    expect(response.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(response.text).not.toContain("990101199001010018");
    expect(seen.calls).toEqual([]);
  });

  it.each([
    ["a fault nobody knows", "/faults", { results: [{ ...fault, fault: "ugly" }] }],
    ["a fault without words", "/faults", { results: [{ ...fault, text: " " }] }],
    ["a view of nothing", "/views", { results: [] }],
    ["a revocation without a reason", "/revocations", { answers: [{ order: "o1" }] }],
  ])("%s is 400", async (_, path, body) => {
    const good = goodRequest("POST /recognitions/{id}/views");
    const { app, seen } = startApp();
    const response = await send(app, { ...good, url: good.url.replace("/views", path), body }, await tokenFor("institution"));
    expect(response.status).toBe(400);
    expect(seen.calls).toEqual([]);
  });
});

describe("one reason for several orders, explained once", () => {
  it("reaches the flow as it was sent", async () => {
    let given: unknown;
    const { app } = startApp({
      recordOutcomes: async (one) => {
        given = one.given;
        return [{ order: "o1", state: "recorded" }];
      },
    });
    const body = {
      outcomes: [{ orders: ["o1", "o2"], outcome: "declined", reason: "other-necessary", text: "术前复查\n两项" }],
      explained: { by: "1008", at: "2026-11-22T10:00:00+08:00" },
    };
    const response = await send(app, goodRequest(route, { body }), await tokenFor("institution"));
    expect(response.status).toBe(200);
    expect(given).toEqual(body);
  });
});

describe("an answer", () => {
  it.each(["revoked", "appealed"] as const)(
    "is %s by a practitioner whom the token names, and by nobody else",
    async (code) => {
      const caller = { kind: "institution", client: "c-county", institution: "c-county", purposes: [], scopes: [], feeds: [] };
      const request = { caller, id: otherId, code, given: { answers: [{ order: "o1", text: "误点" }] } };
      const useCases = serveOutcomes({} as FaultDeps);
      await expect(useCases.objectToAnswers(request as never)).rejects.toThrow(new Fault("not-entitled"));
    },
  );
});
