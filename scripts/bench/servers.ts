import { join } from "node:path";
import { dataRoot, foldersOf, forgetData } from "../platform/paths.js";
import { storeSteps } from "../platform/platform.js";
import { runSteps } from "../platform/progress.js";

/** PostgreSQL, Redis and HAPI of a bench, on a data folder of its own. */
export interface BenchServers {
  readonly dir: string;
  readonly hapiUrl: string;
  readonly redisUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts them; `keep` goes on with the data of an earlier run (a data set that takes minutes to write), else they start empty.
 * `trial` = settings of HAPI to be tried out.
 */
export async function startBenchServers(
  name: string,
  options: { keep: boolean; trial?: import("../platform/hapi.js").HapiTrial },
): Promise<BenchServers> {
  const dir = join(dataRoot, "bench", name);
  if (!options.keep) forgetData(dir);
  const servers: import("../platform/platform.js").Servers = {};
  await runSteps(storeSteps(dir, servers, { trial: options.trial }), process.stderr);
  const { postgres, redis, hapi } = servers;
  if (postgres === undefined || redis === undefined || hapi === undefined)
    throw new Error("a server of the bench did not start");
  return {
    dir: foldersOf(dir).root,
    hapiUrl: hapi.url,
    redisUrl: redis.url,
    async stop() {
      await hapi.stop();
      await Promise.all([redis.stop(), postgres.stop()]);
    },
  };
}
