import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { decodeJwt } from "jose";
import { personGrant } from "../../src/adapters/issuer/issuer-client.ts";
import { createReplayStore } from "../../src/adapters/issuer/replay-store.ts";
import { authenticate } from "../../src/http/authenticate.ts";
import { machine, now, number, resident, type StartedIssuer, startIssuer } from "./start-issuer.ts";

let started: StartedIssuer;

beforeAll(async () => {
  started = await startIssuer(8);
});
afterAll(() => started.stop());
beforeEach(() => started.reset());

const post: StartedIssuer["post"] = (parameters) => started.post(parameters);
const assertion: StartedIssuer["assertion"] = (client, changes) => started.assertion(client, changes);

describe("assertions are used once", () => {
  it("a second use is refused; of 20 at once one is served", async () => {
    const once = await assertion("a-provincial");
    expect((await post(machine(once))).status).toBe(200);
    expect((await post(machine(once))).status).toBe(401);
    const raced = await assertion("a-provincial");
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(machine(raced))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("after Redis lost everything an old assertion is still refused, and a new one is served a second later", async () => {
    const used = await assertion("a-provincial");
    expect((await post(machine(used))).status).toBe(200);
    const wiped = await started.redis.keys("hutong:issuer:*");
    await started.redis.del(...wiped);
    expect((await post(machine(used))).status).toBe(401);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await post(machine(await assertion("a-provincial")))).status).toBe(200);
    expect((await post(machine(used))).status).toBe(401);
  });

  it("a Redis that hangs is given up after 2 s", async () => {
    const hangs = new Promise<never>(() => {});
    const multi = () => ({ set: multi, get: multi, exec: () => hangs });
    const store = createReplayStore({ multi, set: () => hangs } as never, () => new Date());
    const before = Date.now();
    await expect(Promise.all([store.epoch(), store.firstUse("a", 10)])).rejects.toThrow("did not answer");
    expect(Date.now() - before).toBeLessThan(2_500);
  });

  it("without Redis nobody gets a token, and is told so within 2 s", async () => {
    started.redis.disconnect();
    const before = Date.now();
    const { status, retryAfter, body } = await post(machine(await assertion("a-provincial")));
    expect([status, retryAfter, body.error]).toEqual([503, "2", "temporarily_unavailable"]);
    expect(Date.now() - before).toBeLessThan(2_500);
    await started.redis.connect();
  });
});

describe("tokens for residents", () => {
  const person = (claims: Record<string, unknown> = {}, signer = "portal") =>
    assertion("portal", { claims: { sub: "urn:hutong:person", identity_number: number, ...claims }, signer });
  const grant = async (text: string, client = "portal", scope = "resident") => ({
    ...machine(await assertion(client), scope),
    grant_type: personGrant,
    assertion: text,
  });

  it("the portal gets a token that names the resident and not the number", async () => {
    const { status, body } = await post(await grant(await person()));
    expect(status).toBe(200);
    const claims = decodeJwt(String(body.access_token));
    expect(claims).toMatchObject({ sub: resident, client_id: "portal", kind: "resident", scope: "resident" });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
    expect(JSON.stringify(claims)).not.toContain(number);
    expect(await authenticate(started.rules, `Bearer ${body.access_token}`)).toMatchObject({
      kind: "caller",
      caller: { kind: "resident", resident },
    });
  });

  it.each([
    ["signed by another client", async () => grant(await person({}, "steward")), 400],
    ["about no person", async () => grant(await person({ sub: "portal" })), 400],
    ["without a number", async () => grant(await person({ identity_number: undefined })), 400],
    ["with something that is no number", async () => grant(await person({ identity_number: "1" })), 400],
    ["for another server", async () => grant(await person({ aud: "https://other.example" })), 400],
    ["that lives two hours", async () => grant(await person({ exp: now() + 7200 })), 401],
    ["asked for by an institution", async () => grant(await person(), "a-provincial"), 400],
    ["with another scope", async () => grant(await person(), "portal", "lookups"), 400],
    ["that is missing", async () => ({ ...(await grant("")), assertion: "" }), 400],
  ] satisfies [string, () => Promise<Record<string, string | undefined>>, number][])(
    "an assertion %s is refused",
    async (_said, make, status) => {
      const answer = await post(await make());
      expect(answer.status).toBe(status);
      expect(JSON.stringify(answer.body)).not.toContain(number);
    },
  );

  it("a person's assertion serves once", async () => {
    const text = await person();
    expect((await post(await grant(text))).status).toBe(200);
    expect((await post(await grant(text))).status).toBe(400);
  });

  it("when the store is down the portal is told to come back", async () => {
    started.world.storeDown = true;
    expect((await post(await grant(await person()))).status).toBe(503);
  });

  it("the portal's own token is not a resident's", async () => {
    const { body } = await post(machine(await assertion("portal"), "resident"));
    expect(await authenticate(started.rules, `Bearer ${body.access_token}`)).toMatchObject({
      kind: "caller",
      caller: { kind: "portal" },
    });
  });
});
