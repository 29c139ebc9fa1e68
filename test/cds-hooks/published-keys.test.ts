import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { authenticateCdsClient } from "../../src/http/authenticate-cds-client.ts";
import { createCdsClients } from "../../src/main/cds-clients.ts";
import type { Ports } from "../../src/main/ports.ts";
import { cdsJwk, cdsToken } from "../http/cds-tokens.ts";

const issuer = "https://his.a-provincial.example";
const address = "https://hub.example/cds-services/recognition";
let server: Server;
let url: string;
let answer: { status: number; body: string };
let fetched: number;

beforeAll(async () => {
  server = createServer((_request, response) => {
    fetched++;
    response.writeHead(answer.status, { "content-type": "application/json", location: "/elsewhere" }).end(answer.body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
});
beforeEach(() => {
  fetched = 0;
  answer = { status: 200, body: JSON.stringify({ keys: [cdsJwk] }) };
});
afterAll(() => void server.close());

/** What main makes of a registry whose one client publishes its keys there. */
async function clients(jku: string | undefined = url) {
  const used = new Set<string>();
  const commands = {
    multi: () => ({
      set: () => ({
        get: () => ({
          exec: async () => [
            [null, "OK"],
            [null, "1"],
          ],
        }),
      }),
    }),
    set: async (key: string) => (used.has(key) ? null : used.add(key) && "OK"),
  };
  const cds = { issuer, ...(jku === undefined ? {} : { jku }) };
  const client = { id: "a-provincial", kind: "institution", institution: "a-provincial", scopes: ["recognitions"], cds };
  return await createCdsClients({
    config: { CLIENT_KEYS_DIR: "/nowhere" },
    registry: { clients: [client, { ...client, id: "b-central", cds: undefined }] },
    redis: { commands },
    now: () => new Date(),
    log: pino({ level: "silent" }),
  } as unknown as Ports);
}

async function knock(header: object = {}, rules = clients()) {
  const made = await rules;
  made.close();
  const token = await cdsToken(address, { at: new Date(), claims: { iss: issuer }, header: { ...header } });
  return await authenticateCdsClient(made, `Bearer ${token}`, [address]);
}

describe("a client that publishes its keys", () => {
  it("is known by them, named in the token or not", async () => {
    expect(await knock()).toMatchObject({ kind: "caller", caller: { client: "a-provincial" } });
    expect(await knock({ jku: url })).toMatchObject({ kind: "caller" });
  });

  it("is fetched from the registered address alone", async () => {
    expect(await knock({ jku: `${url}?other` })).toMatchObject({ kind: "nobody" });
    expect(fetched).toBe(0);
  });

  it("is nobody when its keys do not hold the one it signed with", async () => {
    answer.body = JSON.stringify({ keys: [{ ...cdsJwk, kid: "another" }] });
    expect(await knock()).toMatchObject({ kind: "nobody", client: "a-provincial" });
  });

  it.each([
    ["answers an error", { status: 500, body: "" }],
    ["answers no JSON", { status: 200, body: "hello" }],
    ["sends us elsewhere", { status: 302, body: "" }],
  ])("is asked to come again while that address %s", async (_, given) => {
    answer = given;
    await expect(knock()).rejects.toMatchObject({ code: "issuer-down" });
  });

  it("is asked to come again while that address does not answer", async () => {
    await expect(knock({}, clients("http://127.0.0.1:9/jwks.json"))).rejects.toMatchObject({ code: "issuer-down" });
  });
});

describe("a client with no key at all", () => {
  it("is not let in, and the start goes on", async () => {
    const made = await createCdsClients({
      config: { CLIENT_KEYS_DIR: "/nowhere" },
      registry: { clients: [{ id: "c", kind: "institution", institution: "c", scopes: ["recognitions"], cds: { issuer } }] },
      redis: { commands: { multi: () => ({ set: () => ({ get: () => ({ exec: async () => [] }) }) }) } },
      now: () => new Date(),
      log: pino({ level: "silent" }),
    } as unknown as Ports);
    made.close();
    expect(made.clientOf(issuer, undefined)).toBeUndefined();
  });
});
