import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { createSealedAnswers } from "../../src/adapters/redis/answers.ts";
import { connectRedis, type RedisConnections } from "../../src/adapters/redis/connection.ts";
import { createProgress } from "../../src/adapters/redis/progress.ts";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import type { SourceAnswer } from "../../src/sources/answer.ts";
import { describeAnswers } from "./answers.contract.ts";

const log = pino({ level: "silent" });
const suite = createCryptoSuite({ ids: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });
const run = randomUUID().slice(0, 8);
const id = (name: string) => `h-${run}-${name}` as ResourceId;
const open: RedisConnections[] = [];

function connect(url = process.env.REDIS_URL): RedisConnections {
  if (url === undefined) throw new Error("REDIS_URL is not set: these tests run through `npm test`, which starts the servers");
  const redis = connectRedis(url, log);
  open.push(redis);
  return redis;
}

async function connected(): Promise<RedisConnections> {
  const redis = connect();
  if (redis.commands.status !== "ready") await new Promise((resolve) => redis.commands.once("ready", resolve));
  return redis;
}

const make = (redis: RedisConnections) => ({
  answers: createSealedAnswers(redis, suite, { ttlSeconds: 60, askMs: 1_000, log }),
  progress: createProgress(redis, log),
  id,
});

afterAll(() => {
  for (const redis of open) redis.close();
});

describeAnswers("Redis", async () => make(await connected()));

const a = "a-provincial" as InstitutionCode;
const secret: SourceAnswer = {
  institution: a,
  outcome: "answered",
  askedAt: new Date().toISOString(),
  resources: [{ resourceType: "Observation", id: "h-1", status: "final", code: { text: "canary-finding" } }],
};

describe("sealed answers in Redis", () => {
  it("none outlives its time, although another answer of the lookup renews the rest", async () => {
    const { answers } = make(await connected());
    const old = { ...secret, askedAt: new Date(Date.now() - 61_000).toISOString() };
    await answers.keep(id("outlived"), old);
    await answers.keep(id("outlived"), { ...secret, institution: "b-central" as InstitutionCode });
    expect((await answers.kept(id("outlived"))).map((one) => one.institution)).toEqual(["b-central"]);
  });
  it("hold nothing in clear, and end by themselves", async () => {
    const redis = await connected();
    await make(redis).answers.keep(id("sealed"), secret);
    const [key] = await redis.commands.keys(`*${id("sealed")}*`);
    expect(JSON.stringify(await redis.commands.hgetall(key ?? ""))).not.toMatch(/canary|Observation/);
    expect(await redis.commands.ttl(key ?? "")).toBeGreaterThan(0);
  });

  it("copied to another lookup cannot be opened and count as gone", async () => {
    const redis = await connected();
    const { answers } = make(redis);
    await answers.keep(id("from"), secret);
    const sealed = await redis.commands.hget(`hutong:answers:${id("from")}`, a);
    await redis.commands.hset(`hutong:answers:${id("to")}`, a, sealed ?? "");
    expect(await answers.kept(id("to"))).toEqual([]);
  });

  it("are asked for once even by two processes", async () => {
    const [one, two] = [make(await connected()).answers, make(await connected()).answers];
    let asked = 0;
    const ask = async (keeper: typeof one) => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, 150));
      await keeper.keep(id("shared"), secret);
      return secret;
    };
    await Promise.all([one.once(id("shared"), a, () => ask(one)), two.once(id("shared"), a, () => ask(two))]);
    expect(asked).toBe(1);
  });

  it("are simply not there while Redis is down: nothing is thrown, and the source is asked", async () => {
    const { answers, progress } = make(connect("redis://127.0.0.1:1"));
    await answers.keep(id("down"), secret);
    expect(await answers.kept(id("down"))).toEqual([]);
    expect(await answers.sources(id("down"))).toEqual([]);
    expect((await answers.once(id("down"), a, async () => secret)).outcome).toBe("answered");
    await progress.tell(id("down"), "source");
    const stop = await progress.listen(id("down"), () => {});
    stop();
  });
});
