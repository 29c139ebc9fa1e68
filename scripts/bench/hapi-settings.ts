import { createHapiClient, type HapiExchange } from "../../src/adapters/hapi/client.ts";
import type { HapiTrial } from "../platform/hapi.js";
import type { Figure } from "./figure.ts";
import { type Recorded, recordIngest } from "./ingest.ts";
import { replayExchanges } from "./replay.ts";
import { startBenchServers } from "./servers.ts";

/** One way of running HAPI, and of writing to it. */
interface Setting {
  readonly name: string;
  readonly trial?: HapiTrial;
  /** Every search parameter of HAPI stays active. */
  readonly allParameters?: boolean;
  readonly inFlight?: number;
  /** Resources in a transaction; 100 when left out. */
  readonly entries?: 50;
}

const untuned: HapiTrial = { properties: { "hutong.tuning": "false" } };
const baseline: Setting = {
  name: "application.yaml alone: every search parameter, no tuning class",
  trial: untuned,
  allParameters: true,
};

const ours: Setting = { name: "ours" };

/** Each changes one thing of ours. */
const variants: readonly Setting[] = [
  { name: "ours, every search parameter active", allParameters: true },
  { name: "ours without the tuning class", trial: untuned },
  { name: "ours, 2 transactions in flight", inFlight: 2 },
  { name: "ours, 6 transactions in flight", inFlight: 6 },
];

/** Tried with `--full` only. */
const more: readonly Setting[] = [
  { name: "ours, 50 resources in a transaction", entries: 50 },
  {
    name: "ours, JDBC batches of 100, rewritten",
    trial: {
      properties: {
        "spring.jpa.properties.hibernate.jdbc.batch_size": "100",
        "spring.datasource.hikari.data-source-properties.reWriteBatchedInserts": "true",
      },
    },
  },
  { name: "ours, G1 in place of the parallel collector", trial: { java: ["-XX:-UseParallelGC", "-XX:+UseG1GC"] } },
];

/**
 * What HAPI's settings bring: the requests of one ingest, replayed to a fresh database under each of them, warmed up alike by the same
 * requests. The goal compares how we run it with application.yaml alone; both run twice, the second time in the other order, since the
 * machine is not the same all the while.
 */
export async function benchHapiSettings({ full }: { full: boolean }): Promise<Figure[]> {
  const size = full ? { warmUp: 800, reports: 1600 } : { warmUp: 500, reports: 1000 };
  const recorded = await recordIngest(size);
  const smaller = full ? await recordIngest({ ...size, env: { INGEST_ENTRIES: "50" } }) : recorded;
  const rateOf = (setting: Setting) => rate(setting, setting.entries === undefined ? recorded : smaller);
  const [base, usual] = [[await rateOf(baseline)], [await rateOf(ours)]];
  const others: [Setting, number][] = [];
  for (const setting of full ? [...variants, ...more] : variants) others.push([setting, await rateOf(setting)]);
  usual.push(await rateOf(ours));
  base.push(await rateOf(baseline));
  const rates: [Setting, number][] = [[ours, mean(usual)], ...others];
  return [
    { name: `hapi, ${baseline.name}`, value: mean(base), unit: "resources/s", goal: "told" },
    ...rates.map(([setting, value]): Figure => {
      const ratio = value / mean(base);
      const judged = setting === ours ? { goal: "ratio >= 1.2", met: ratio >= 1.2 } : { goal: "told" };
      return { name: `hapi, ${setting.name}`, value, unit: "resources/s", baseline: mean(base), ratio, ...judged };
    }),
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function rate({ name, trial, allParameters, inFlight }: Setting, recorded: Recorded): Promise<number> {
  console.error(`bench hapi: ${name}`);
  const servers = await startBenchServers("hapi-settings", { keep: false, ...(trial === undefined ? {} : { trial }) });
  const client = createHapiClient({ baseUrl: servers.hapiUrl });
  try {
    const setup = allParameters ? recorded.setup.filter((one) => !retires(one)) : recorded.setup;
    await replayExchanges(client, setup, 1);
    await replayExchanges(client, recorded.warmup, inFlight ?? recorded.inFlight);
    const { seconds, failed } = await replayExchanges(client, recorded.measured, inFlight ?? recorded.inFlight);
    if (failed > 0) throw new Error(`${failed} replayed requests failed under "${name}": it measures nothing`);
    return recorded.resources / seconds;
  } finally {
    await client.close();
    await servers.stop();
  }
}

/** Whether an exchange puts one of HAPI's search parameters out of use. */
function retires({ method, path }: HapiExchange): boolean {
  return method === "PUT" && path.includes("/SearchParameter/retired-");
}
