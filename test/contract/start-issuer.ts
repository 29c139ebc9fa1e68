import type { AddressInfo } from "node:net";
import type { Express } from "express";
import { Redis } from "ioredis";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { pino } from "pino";
import { Registry } from "prom-client";
import { createIssuer, type Issuer } from "../../src/adapters/issuer/create-issuer.ts";
import type { TokenRules } from "../../src/http/authenticate.ts";
import { createApp } from "../../src/http/create-app.ts";
import { createHttpServer } from "../../src/http/create-server.ts";
import type { ResidentId } from "../../src/kernel/brand.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { cdsRules } from "../http/cds-tokens.ts";
import { fakeUseCases } from "../http/fake-use-cases.ts";
import { clients } from "../http/tokens.ts";

export const resident = `h${"7".repeat(40)}` as ResidentId;
export const number = "990101199001010018";

/** What a test changes of a good assertion; `undefined` takes a claim out. */
export interface Changes {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly signer?: string;
}

/** An answer of the token endpoint. */
interface TokenAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Record<string, string>;
}

/** The API with its embedded issuer on a free port, on real Redis, on fake use cases. */
export interface StartedIssuer {
  readonly publicUrl: string;
  readonly issuer: Issuer;
  readonly redis: Redis;
  readonly rules: TokenRules;
  /** Clients that failed to prove who they are, with a code. */
  readonly failures: [string, string][];
  readonly world: { storeDown: boolean };
  publicKey(client: string): JWK;
  assertion(client: string, changes?: Changes): Promise<string>;
  post(parameters: Record<string, string | undefined>): Promise<TokenAnswer>;
  /** Forgets failures and puts the replay memory's epoch in the past. */
  reset(): Promise<void>;
  stop(): void;
}

export const now = () => Math.floor(Date.now() / 1000);

/** `database`: number of the Redis database, one per test file, since these tests wipe it. */
export async function startIssuer(database: number): Promise<StartedIssuer> {
  // Jest's realm has an Object of its own, and Node's structuredClone answers with objects of the other one, which the provider refuses.
  globalThis.structuredClone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
  const log = pino({ level: "silent" });
  const redis = await connect(database);
  const pairs = await Promise.all(
    clients.map(async ({ id }) => [id, await keyPair(id === "a-his" ? "RS384" : "ES384")] as const),
  );
  const keys = new Map(pairs);
  const served: { app?: Express } = {};
  const server = createHttpServer((request, response) => served.app?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const failures: [string, string][] = [];
  const world = { storeDown: false };
  const issuer = createIssuer({
    publicUrl,
    signingKeys: JSON.stringify({ keys: [(await keyPair("ES256")).privateJwk] }),
    clients,
    clientKeys: new Map(pairs.map(([id, pair]) => [id, { keys: [pair.publicJwk] }])),
    redis,
    residentOf: async (text) => {
      if (world.storeDown) throw new Fault("store-down");
      return text === number ? resident : undefined;
    },
    authenticationFailed: (client, cause) => failures.push([client, cause]),
    now: () => new Date(),
    log,
  });
  const clientOf = (id: string) => clients.find((one) => one.id === id);
  const rules = { issuer: issuer.url, audience: publicUrl, keys: issuer.keys, clientOf, now: () => new Date() };
  const counter = { note: () => {}, tell: async () => {}, stop: async () => {} };
  const deps = { ...fakeUseCases(), failures: counter, tokens: rules, metrics: new Registry(), log, now: rules.now, publicUrl };
  served.app = createApp({ ...deps, cdsTokens: cdsRules(), issuer: issuer.handler });
  const pairOf = (client: string) => keys.get(client) ?? (pairs[0] as (typeof pairs)[number])[1];
  return {
    ...{ publicUrl, issuer, redis, rules, failures, world },
    publicKey: (client) => pairOf(client).publicJwk,
    assertion: (client, changes = {}) => sign(pairOf(changes.signer ?? client), { client, publicUrl, changes }),
    post: (parameters) => post(publicUrl, parameters),
    async reset() {
      failures.length = 0;
      world.storeDown = false;
      await redis.set("hutong:issuer:epoch", String(now() - 1000));
    },
    stop() {
      server.close();
      server.closeAllConnections();
      redis.disconnect();
    },
  };
}

async function connect(database: number): Promise<Redis> {
  const url = process.env.REDIS_URL;
  if (url === undefined) throw new Error("REDIS_URL is not set: these tests run through `npm test`, which starts the servers");
  const patience = { enableOfflineQueue: false, maxRetriesPerRequest: 1, retryStrategy: (n: number) => Math.min(n * 50, 500) };
  const redis = new Redis(new URL(`/${database}`, url).href, patience);
  redis.on("error", () => {});
  await new Promise((resolve) => redis.once("ready", resolve));
  return redis;
}

async function keyPair(alg: string) {
  const pair = await generateKeyPair(alg, { extractable: true });
  const common = { alg, use: "sig", kid: `key-${alg}` };
  const [privateJwk, publicJwk] = await Promise.all([exportJWK(pair.privateKey), exportJWK(pair.publicKey)]);
  const privateKey = pair.privateKey;
  return { alg, privateKey, privateJwk: { ...privateJwk, ...common }, publicJwk: { ...publicJwk, ...common } as JWK };
}

type Pair = Awaited<ReturnType<typeof keyPair>>;

async function sign(pair: Pair, { client, publicUrl, changes }: { client: string; publicUrl: string; changes: Changes }) {
  const good = {
    iss: client,
    sub: client,
    aud: `${publicUrl}/oidc/token`,
    jti: crypto.randomUUID(),
    iat: now(),
    exp: now() + 200,
  };
  const present = Object.entries({ ...good, ...changes.claims }).filter(([, value]) => value !== undefined);
  const header = { alg: pair.alg, kid: pair.publicJwk.kid as string, ...changes.header };
  return new SignJWT(Object.fromEntries(present)).setProtectedHeader(header).sign(pair.privateKey);
}

async function post(publicUrl: string, parameters: Record<string, string | undefined>): Promise<TokenAnswer> {
  const present = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const response = await fetch(`${publicUrl}/oidc/token`, { method: "POST", body: new URLSearchParams(present) });
  const retryAfter = response.headers.get("retry-after");
  return { status: response.status, retryAfter, body: (await response.json()) as Record<string, string> };
}

/** The parameters of a machine client's token request. */
export const machine = (
  client_assertion: string,
  scope: string | undefined = "lookups",
  more: Record<string, string> = {},
) => ({
  grant_type: "client_credentials",
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion,
  scope,
  ...more,
});
