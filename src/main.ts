import type { HapiClient } from "./adapters/hapi/client.ts";
import { type Config, readConfig } from "./config.ts";
import { startApi, startOperations } from "./main/api.ts";
import { startChannels } from "./main/channels.ts";
import { startMllp } from "./main/mllp.ts";
import { createPorts } from "./main/ports.ts";
import { startWorker } from "./main/worker.ts";

/** Longest wait for running work when the process is told to stop; what is cut then is given back or swept up. */
const stopMs = 10_000;
/** How often a process looks for mapping versions that were activated. */
const mappingsMs = 3_000;

/** A running engine process. */
export interface Engine {
  /** Stops taking work, ends what runs, closes every connection. */
  stop(): Promise<void>;
}

/**
 * One engine process: configuration, connections, ports, then the roles it was asked for. Throws what is wrong with configuration,
 * registry, keys or policy, and `Fault("store-down")` when HAPI does not answer. `wrap` sees the wire to HAPI (a bench records it).
 */
export async function startEngine(
  config: Config,
  wrap: (client: HapiClient) => HapiClient = (client) => client,
): Promise<Engine> {
  const ports = await createPorts(config, wrap);
  const closing: (() => Promise<unknown>)[] = [];
  // A refresh that fails is no news here: an ingest asks again before it begins.
  const looking = setInterval(() => void ports.book.refresh().catch(() => {}), mappingsMs).unref();
  if (config.ROLES.includes("worker")) closing.push(await startWorker(ports));
  if (config.ROLES.includes("channels")) closing.push(await startChannels(ports));
  if (config.ROLES.includes("mllp")) closing.push(await startMllp(ports));
  closing.push(config.ROLES.includes("api") ? await startApi(ports) : await startOperations(ports));
  ports.log.info({ roles: config.ROLES, feeds: [...ports.feeds.keys()] }, "the engine is ready");
  return {
    async stop() {
      clearInterval(looking);
      const late = new Promise((resolve) => setTimeout(resolve, stopMs).unref());
      await Promise.race([Promise.allSettled(closing.reverse().map((close) => close())), late]);
      await ports.scheduler.close();
      ports.redis.close();
      await ports.remote.close();
      await ports.callbacks.close();
      await ports.hapi.close();
    },
  };
}

if (import.meta.main) {
  try {
    const engine = await startEngine(readConfig());
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => void engine.stop().finally(() => process.exit(0)));
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
