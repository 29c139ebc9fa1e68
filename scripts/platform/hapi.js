import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { assembledHapi } from "./hapi-build.js";
import { foldersOf, privateFolder, projectRoot } from "./paths.js";
import { freePort } from "./ports.js";
import { databasePasswordFile } from "./postgres-cluster.js";
import { serverOf } from "./server.js";

/**
 * How HAPI is run: docker-compose.yml gives its container the same.
 * @param {{dir: string, port: number, databasePort: number, heap: string, build: string}} options
 */
export function hapiCommand({ dir, port, databasePort, heap, build }) {
  return {
    java: [`-Xmx${heap}`, "-XX:+UseParallelGC", "-XX:+ExitOnOutOfMemoryError"],
    main: [
      ...["-cp", `${join(build, "hutong-hapi.jar")}:${join(build, "lib")}/*`, "hutong.hapi.Main"],
      `--spring.config.location=file:${join(projectRoot, "hapi/application.yaml")}`,
    ],
    env: {
      HAPI_ADDRESS: "127.0.0.1",
      HAPI_PORT: String(port),
      HAPI_DB_URL: `jdbc:postgresql://127.0.0.1:${databasePort}/hapi`,
      HAPI_SECRETS_DIR: dirname(databasePasswordFile(dir)),
    },
  };
}

/**
 * What a bench tries out: options of java and properties of HAPI beside, or in place of, those of application.yaml.
 * @typedef {{java?: readonly string[], properties?: Readonly<Record<string, string>>}} HapiTrial
 */

/**
 * HAPI FHIR on a loopback port, on the database of `postgres`. Creates its tables on an empty one.
 * @param {{dir: string, postgres: Pick<import("./server.js").Server, "port">, port?: number | undefined, heap?: string,
 *   brief?: boolean, trial?: HapiTrial | undefined}} options heap as java's -Xmx takes it; brief for a run of minutes: started in half the time, slower in the long run
 * @returns {Promise<import("./server.js").Server>} `url` is the base before the tenant: http://127.0.0.1:<port>/fhir
 */
export async function startHapi({ dir, postgres, port, heap = "2g", brief = false, trial = {} }) {
  const build = await assembledHapi();
  const temporary = join(foldersOf(dir).root, "hapi-tmp"); // Tomcat leaves files behind when it is killed
  rmSync(temporary, { recursive: true, force: true });
  privateFolder(temporary);
  const chosen = await freePort(port);
  const { java, main, env } = hapiCommand({ dir, port: chosen, databasePort: postgres.port, heap, build });
  const base = `http://127.0.0.1:${chosen}`;
  const server = serverOf({
    name: "hapi",
    dir: foldersOf(dir).root,
    url: `${base}/fhir`,
    port: chosen,
    command: "java",
    args: [
      ...[...java, ...(trial.java ?? []), ...(brief ? ["-XX:TieredStopAtLevel=1"] : []), `-Djava.io.tmpdir=${temporary}`],
      ...[...main, ...Object.entries(trial.properties ?? {}).map(([name, value]) => `--${name}=${value}`)],
    ],
    env,
    cwd: foldersOf(dir).root,
    ready: { kind: "http", urls: [`${base}/actuator/health`, `${base}/fhir/DEFAULT/metadata?_elements=software`] },
    startTimeoutMs: 600_000, // 25 s alone, minutes when ten others share the two cores
    stopSignal: "SIGTERM",
    stopTimeoutMs: 20_000,
  });
  await server.start();
  return server;
}
