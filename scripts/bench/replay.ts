import type { HapiAnswer, HapiClient, HapiExchange, SendOptions } from "../../src/adapters/hapi/client.ts";

/** A client that lets everything through and remembers it, with the most exchanges that were under way at once. */
export interface Recording {
  readonly client: HapiClient;
  /** What was sent since the last call, in order. */
  take(): HapiExchange[];
  /** The most that was in flight since the last call. */
  takePeak(): number;
}

/** Records what goes through a client; bodies stay in memory. */
export function recordExchanges(inner: HapiClient): Recording {
  let exchanges: HapiExchange[] = [];
  let inFlight = 0;
  let peak = 0;
  return {
    client: {
      async send(exchange: HapiExchange, options: SendOptions): Promise<HapiAnswer> {
        exchanges.push(exchange);
        inFlight += 1;
        peak = Math.max(peak, inFlight);
        try {
          return await inner.send(exchange, options);
        } finally {
          inFlight -= 1;
        }
      },
      close: () => inner.close(),
    },
    take() {
      const taken = exchanges;
      exchanges = [];
      return taken;
    },
    takePeak() {
      const taken = peak;
      peak = inFlight;
      return taken;
    },
  };
}

/**
 * Sends recorded exchanges again, at most `inFlight` at once; those that touch a common resource keep their recorded order, and none is sent
 * before what it refers to. Returns the seconds it took, and how many were answered with an error (a replay that fails measures nothing).
 */
export async function replayExchanges(
  client: HapiClient,
  exchanges: readonly HapiExchange[],
  inFlight: number,
): Promise<{ seconds: number; failed: number }> {
  const lastOn = new Map<string, Promise<void>>();
  const running = new Set<Promise<void>>();
  let failed = 0;
  const touched = exchanges.map(resourcesOf);
  const started = performance.now();
  for (const [index, exchange] of exchanges.entries()) {
    if (running.size >= inFlight) await Promise.race(running);
    const keys = touched[index] ?? [];
    const before = [...keys, ...referencesIn(exchange)].flatMap((key) => lastOn.get(key) ?? []);
    const done = Promise.all(before)
      .then(() => client.send(exchange, { deadlineMs: 60_000 }))
      .then((answer) => {
        // What was not there, or already was, when it was recorded is so again.
        if (answer.status >= 400 && answer.status !== 404 && answer.status !== 409) failed += 1;
      })
      .finally(() => running.delete(done));
    running.add(done);
    for (const key of keys) lastOn.set(key, done);
  }
  await Promise.all(running);
  return { seconds: (performance.now() - started) / 1000, failed };
}

/** What the resources of an exchange refer to: HAPI refuses them before it is stored. */
function referencesIn({ body }: HapiExchange): Set<string> {
  return new Set([...(body ?? "").matchAll(/"reference":"([A-Z]\w+\/[^"/]+)"/g)].map(([, reference]) => reference ?? ""));
}

/** The resources an exchange reads or writes: `Type/id` of its path, of its Bundle's entries, of the ids it searches. */
function resourcesOf({ path, body }: HapiExchange): string[] {
  const inPath = /^\/[^/]+\/([A-Z]\w+\/[^/?]+)$/.exec(path)?.[1];
  if (inPath !== undefined && !inPath.endsWith("_search")) return [inPath];
  if (body === undefined) return [];
  if (!body.startsWith("{")) {
    const type = /\/([A-Z]\w+)\/_search$/.exec(path)?.[1];
    return (new URLSearchParams(body).get("_id") ?? "").split(",").map((id) => `${type}/${id}`);
  }
  const bundle = JSON.parse(body) as { entry?: { request?: { url?: string } }[] };
  return (bundle.entry ?? []).flatMap((entry) => entry.request?.url ?? []);
}
