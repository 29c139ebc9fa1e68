import { setTimeout } from "node:timers/promises";
import { createHapiClient, type HapiExchange } from "../../src/adapters/hapi/client.ts";
import { readConfig } from "../../src/config.ts";
import { type Engine, startEngine } from "../../src/main.ts";
import { call, expectStatus } from "../client/call.ts";
import { finishedExport } from "../client/deliver-export.ts";
import type { Platform } from "../client/platform.ts";
import { createSignIn, type SignIn } from "../client/sign-in.ts";
import { engineEnv } from "../platform/engine.js";
import { ensureClientKeys, ensureKeys } from "../platform/keys.js";
import { foldersOf } from "../platform/paths.js";
import { freePort } from "../platform/ports.js";
import { clientIdsOf } from "../platform/registry.js";
import { type Volume, volumeOfA } from "../sample/volume.ts";
import type { Figure } from "./figure.ts";
import { type Recording, recordExchanges, replayExchanges } from "./replay.ts";
import { type BenchServers, startBenchServers } from "./servers.ts";

const timeoutMs = 20 * 60_000;

/** The exchanges of one ingest with HAPI: preparing an empty store, warming it up, and what is measured. */
export interface Recorded {
  readonly setup: HapiExchange[];
  readonly warmup: HapiExchange[];
  readonly measured: HapiExchange[];
  readonly inFlight: number;
  readonly seconds: number;
  readonly resources: number;
}

/**
 * The rate of ingest against the rate at which the requests it sent replay to a fresh database with as many in flight: what of the time is
 * the engine's own. Both servers are warmed up by the same requests.
 */
export async function benchIngest(): Promise<Figure[]> {
  const recorded = await recordIngest({ warmUp: 800, reports: 7000 });
  const servers = await startBenchServers("ingest-replay", { keep: false });
  const client = createHapiClient({ baseUrl: servers.hapiUrl });
  try {
    await replayExchanges(client, recorded.setup, 1);
    await replayExchanges(client, recorded.warmup, recorded.inFlight);
    const replay = await replayExchanges(client, recorded.measured, recorded.inFlight);
    if (replay.failed > 0) throw new Error(`${replay.failed} replayed requests failed: the baseline measures nothing`);
    return figuresOf(recorded, replay.seconds);
  } finally {
    await client.close();
    await servers.stop();
  }
}

function figuresOf({ resources, seconds, measured, inFlight }: Recorded, replaySeconds: number): Figure[] {
  const [value, baseline] = [resources / seconds, resources / replaySeconds];
  const ratio = value / baseline;
  return [
    {
      name: "ingest, rate against its own requests replayed",
      value,
      unit: "resources/s",
      baseline,
      ratio,
      goal: "ratio >= 0.90",
      met: ratio >= 0.9,
    },
    {
      name: "ingest, resources taken in while measured",
      value: resources,
      unit: "resources",
      goal: ">= 50000",
      met: resources >= 50_000,
    },
    {
      name: "ingest, requests to HAPI per 1,000 resources",
      value: (measured.length / resources) * 1000,
      unit: "requests",
      goal: "told",
    },
    { name: "ingest, most requests in flight", value: inFlight, unit: "requests", goal: "told" },
  ];
}

/**
 * Lets the engine take in `reports` laboratory reports, on an empty store that `warmUp` others have warmed up, and records every exchange.
 * `env` = settings of the engine beside the usual ones.
 */
export async function recordIngest({ reports, warmUp, env = {} }: IngestSize): Promise<Recorded> {
  const servers = await startBenchServers("ingest", { keep: false });
  const running = await startRecordedEngine(servers, env);
  try {
    const setup = running.recording.take();
    const volume = (seed: string, count: number) =>
      volumeOfA({ seed, residents: Math.ceil(count / 8), reports: count, days: 60, today: new Date() });
    await deliver(running, volume("warm-up", warmUp));
    const warmup = running.recording.take();
    running.recording.takePeak();
    const measured = volume("measured", reports);
    const seconds = await deliver(running, measured);
    const { resources } = measured;
    return { setup, warmup, measured: running.recording.take(), inFlight: running.recording.takePeak(), seconds, resources };
  } finally {
    await running.engine.stop();
    await servers.stop();
  }
}

/** How much is taken in. */
export interface IngestSize {
  readonly reports: number;
  readonly warmUp: number;
  readonly env?: Readonly<Record<string, string>>;
}

interface Running {
  readonly engine: Engine;
  readonly recording: Recording;
  readonly platform: Platform;
  readonly signIn: SignIn;
}

/** The engine inside this process, every exchange with HAPI recorded. */
async function startRecordedEngine(servers: BenchServers, settings: Readonly<Record<string, string>>): Promise<Running> {
  const folders = foldersOf(servers.dir);
  const keys = ensureKeys(folders.keys);
  ensureClientKeys({ publicFolder: keys.clientsPublic, privateFolder: keys.clientsPrivate }, await clientIdsOf());
  const port = await freePort();
  const stores = { hapi: { url: servers.hapiUrl }, redis: { url: servers.redisUrl } };
  const env = {
    ...engineEnv({ dir: servers.dir, role: "api", port, mllpPort: undefined, ...stores }),
    ROLES: "api,worker",
    LOG_LEVEL: "warn",
    ...settings,
  };
  let recording: Recording | undefined;
  const engine = await startEngine(readConfig(env), (client) => {
    recording = recordExchanges(client);
    return recording.client;
  });
  if (recording === undefined) throw new Error("the engine did not connect to HAPI");
  // An assertion signed in the second in which the issuer's replay memory began is refused.
  await setTimeout(1_000);
  const platform = { api: `http://127.0.0.1:${port}`, clientKeys: keys.clientsPrivate, dir: servers.dir };
  return { engine, recording, platform, signIn: createSignIn(platform) };
}

/** Delivers one export and waits until it is worked through; seconds from its acceptance. */
async function deliver({ platform, signIn }: Running, volume: Volume): Promise<number> {
  const token = () => signIn.client("a-his", "exports");
  const form = new FormData();
  for (const file of volume.files)
    form.append("file", new Blob([...file.chunks()].map((chunk) => new Uint8Array(chunk))), file.name);
  const { id } = await expectStatus(
    call<{ id: string }>(platform, { method: "POST", path: "/exports/a-tb", token: await token(), form }),
    202,
  );
  const state = await finishedExport(platform, token, id, timeoutMs);
  const created = state.counts?.created ?? 0;
  if (state.status !== "completed" || created < volume.resources * 0.95)
    throw new Error(`the bench's export ended as ${state.status} with ${created} of ${volume.resources} resources`);
  return (Date.parse(state.finishedAt ?? "") - Date.parse(state.receivedAt ?? "")) / 1000;
}
