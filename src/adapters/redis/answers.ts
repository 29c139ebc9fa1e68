import type { InstitutionCode, ResourceId } from "../../kernel/brand.ts";
import { pause } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { parseExact } from "../../kernel/exact-json.ts";
import type { Log } from "../../kernel/log.ts";
import type { SealedAnswers } from "../../lookup/lookup-deps.ts";
import type { SourceAnswer } from "../../sources/answer.ts";
import type { RedisConnections } from "./connection.ts";

/** How sealed answers are kept. */
export interface AnswerOptions {
  /** How long a copy lives after the last answer of its lookup came. */
  readonly ttlSeconds: number;
  /** Longest time one source is asked; whoever waits for that answer waits no longer. */
  readonly askMs: number;
}

const waitStepMs = 100;

/**
 * Sealed copies of answers in Redis: a hash per lookup, a field per source, each encrypted under (lookup, source), so that a copy moved to
 * another lookup cannot be opened. Keys hold a lookup's id and institution codes only. With Redis down there are simply no copies.
 */
export function createSealedAnswers(
  redis: RedisConnections,
  suite: CryptoSuite,
  more: AnswerOptions & { log: Log },
): SealedAnswers {
  const { commands } = redis;
  const asking = new Map<string, Promise<SourceAnswer>>();
  const keyOf = (lookup: ResourceId) => `hutong:answers:${lookup}`;
  const contextOf = (lookup: ResourceId, source: string) => `answer|${lookup}|${source}`;
  const whenDown = <T>(lookup: ResourceId, instead: T) => {
    more.log.debug({ lookup }, "the store of sealed answers does not answer");
    return instead;
  };
  const open = (lookup: ResourceId, source: string, sealed: string | null): SourceAnswer[] => {
    if (sealed === null) return [];
    try {
      const answer = parseExact(suite.open(contextOf(lookup, source), sealed).toString("utf8")) as SourceAnswer;
      // The hash lives on with every answer that is put into it; no copy lives longer than it may.
      return Date.now() - Date.parse(answer.askedAt) > more.ttlSeconds * 1000 ? [] : [answer];
    } catch {
      more.log.warn({ lookup, source }, "a sealed answer could not be opened and is asked for again");
      return [];
    }
  };

  const answers: SealedAnswers = {
    async keep(lookup, answer) {
      const sealed = suite.seal(contextOf(lookup, answer.institution), JSON.stringify(answer));
      const key = keyOf(lookup);
      await commands
        .multi()
        .hset(key, answer.institution, sealed)
        .expire(key, more.ttlSeconds)
        .exec()
        .catch(() => whenDown(lookup, null));
    },
    async kept(lookup, source) {
      if (source !== undefined) {
        const sealed = await commands.hget(keyOf(lookup), source).catch(() => whenDown(lookup, null));
        return open(lookup, source, sealed);
      }
      const fields = await commands.hgetall(keyOf(lookup)).catch(() => whenDown(lookup, {}));
      return Object.entries(fields).flatMap(([one, sealed]) => open(lookup, one, sealed));
    },
    async sources(lookup) {
      return (await commands.hkeys(keyOf(lookup)).catch(() => whenDown(lookup, []))) as InstitutionCode[];
    },
    async forget(lookup) {
      await commands.del(keyOf(lookup)).catch(() => whenDown(lookup, 0));
    },
    async once(lookup, source, ask) {
      const name = `${lookup}:${source}`;
      const running = asking.get(name) ?? askOnce(name, { lookup, source, ask }).finally(() => asking.delete(name));
      asking.set(name, running);
      return await running;
    },
  };

  /** One process asks, others wait for its copy; when it does not come (or Redis is down), each asks for itself. */
  async function askOnce(
    name: string,
    one: { lookup: ResourceId; source: InstitutionCode; ask: () => Promise<SourceAnswer> },
  ): Promise<SourceAnswer> {
    const lock = `hutong:asking:${name}`;
    const mine = await commands.set(lock, "1", "PX", more.askMs, "NX").catch(() => whenDown(one.lookup, "OK" as const));
    if (mine === "OK") {
      try {
        return await one.ask();
      } finally {
        await commands.del(lock).catch(() => whenDown(one.lookup, 0));
      }
    }
    for (let waited = 0; waited < more.askMs; waited += waitStepMs) {
      await pause(waitStepMs);
      const [copy] = await answers.kept(one.lookup, one.source);
      if (copy !== undefined) return copy;
    }
    return await one.ask();
  }
  return answers;
}
