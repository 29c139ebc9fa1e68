import type { Bundle } from "@medplum/fhirtypes";
import type { HapiClient } from "../../src/adapters/hapi/client.ts";
import { systems } from "../../src/fhir/systems.ts";
import { identityNumberIndex } from "../../src/identity/seal-person.ts";
import type { CryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { call, expectStatus } from "../client/call.ts";
import type { Platform } from "../client/platform.ts";
import { createSignIn } from "../client/sign-in.ts";
import { type Figure, percentile } from "./figure.ts";
import { asker } from "./region.ts";
import { type BenchRegion, startBenchRegion } from "./region-servers.ts";
import type { Seeded } from "./seed.ts";

const doctor = { id: "bench-doctor", role: "doctor" };
const rounds = 60;
const warmups = 40;
const months12 = 365 * 86_400_000;

/** A lookup from its request to the last byte of its answer, beside what a client would do itself, straight to HAPI. */
export async function benchLookup(options: { resources: number }): Promise<Figure[]> {
  const region = await startBenchRegion(options.resources);
  try {
    const token = await createSignIn(region.platform).client(asker, "lookups", doctor);
    const pick = residentsInTurn(region.residents);
    for (let index = 0; index < warmups; index++) {
      await lookUp(region.platform, token, pick());
      await searchDirectly(region.hapi, region.suite, pick());
    }
    const pairs: { ours: number; direct: number; queued: number }[] = [];
    for (let index = 0; index < rounds; index++) {
      const ours = await lookUp(region.platform, token, pick());
      const direct = await searchDirectly(region.hapi, region.suite, pick());
      pairs.push({ ours: ours.ms, direct, queued: await queuedMs(region.hapi, ours.id) });
    }
    const p50 = (of: (pair: (typeof pairs)[number]) => number) => percentile(pairs.map(of), 0.5);
    const [ours, direct, queued] = [p50((pair) => pair.ours), p50((pair) => pair.direct), p50((pair) => pair.queued)];
    const ten = await lookupsPerSecond(region, token, pick, { categories: ["lab", "imaging"] });
    const five = await lookupsPerSecond(region, token, pick, { categories: ["imaging"] });
    return [
      {
        name: "lookup, 10 hosted sources, accepted to read, p50",
        value: ours,
        unit: "ms",
        baseline: direct,
        ratio: ours / direct,
        goal: "ratio <= 1.0",
        met: ours <= direct,
      },
      { name: "lookup, what the queue adds, p50", value: queued, unit: "ms", goal: "<= 25 ms", met: queued <= 25 },
      { name: "lookups with 10 sources, 8 at once", value: ten, unit: "lookups/s", goal: ">= 15", met: ten >= 15 },
      { name: "lookups of one type, 8 at once", value: five, unit: "lookups/s", goal: ">= 30", met: five >= 30 },
    ];
  } finally {
    await region.stop();
  }
}

function residentsInTurn(residents: readonly Seeded[]): () => Seeded {
  let next = 0;
  return () => residents[next++ % residents.length] as Seeded;
}

/** POST, wait for its end on the event stream's twin (the state), read the whole answer. */
async function lookUp(
  platform: Platform,
  token: string,
  { number }: Seeded,
  categories = ["lab", "imaging"],
): Promise<{ ms: number; id: string }> {
  const began = performance.now();
  const visit = { number: "V1", department: "内科", kind: "outpatient", start: new Date().toISOString() };
  const from = new Date(Date.now() - months12).toISOString().slice(0, 10);
  const json = { resident: { identityNumber: number }, categories, from, visit, purpose: "TREAT" };
  const { id } = await expectStatus(call<{ id: string }>(platform, { method: "POST", path: "/lookups", token, json }), 202);
  for (;;) {
    const results = await call<Bundle>(platform, { method: "GET", path: `/lookups/${id}/results?wait=10`, token });
    if (results.status === 202) continue;
    const bundle = await expectStatus(results, 200);
    if ((bundle.entry ?? []).length === 0) throw new Error("the bench's lookup found nothing");
    return { ms: performance.now() - began, id };
  }
}

/** Labs, reports and studies of twelve months at each institution by the patient's identifier, all at once. */
async function searchDirectly(hapi: HapiClient, suite: CryptoSuite, { number, sources }: Seeded): Promise<number> {
  const index = identityNumberIndex(suite, { type: "resident-id", number });
  const from = new Date(Date.now() - months12).toISOString().slice(0, 10);
  const who = `patient.identifier=${encodeURIComponent(`${systems.identityNumberIndex}|${index}`)}`;
  const searches = sources.flatMap((tenant) => [
    `/${tenant}/Observation?${who}&date=ge${from}&_count=199`,
    `/${tenant}/DiagnosticReport?${who}&date=ge${from}&_count=199`,
    `/${tenant}/ImagingStudy?${who}&started=ge${from}&_count=199`,
  ]);
  const began = performance.now();
  const answers = await Promise.all(
    searches.map((path) => hapi.send({ method: "GET", path, headers: {} }, { deadlineMs: 30_000 })),
  );
  const found = answers.reduce((sum, answer) => sum + ((answer.body as Bundle).entry?.length ?? 0), 0);
  if (found === 0) throw new Error("the baseline found nothing");
  return performance.now() - began;
}

/** From the store's stamp on the accepted Task to its stamp on the claim. */
async function queuedMs(hapi: HapiClient, id: string): Promise<number> {
  const stamp = async (version: number) => {
    const answer = await hapi.send(
      { method: "GET", path: `/DEFAULT/Task/${id}/_history/${version}`, headers: {} },
      { deadlineMs: 5_000 },
    );
    return Date.parse((answer.body as { meta: { lastUpdated: string } }).meta.lastUpdated);
  };
  return (await stamp(2)) - (await stamp(1));
}

async function lookupsPerSecond(
  region: BenchRegion,
  token: string,
  pick: () => Seeded,
  { categories }: { categories: string[] },
): Promise<number> {
  const total = 160;
  let left = total;
  const began = performance.now();
  const client = async () => {
    while (left-- > 0) await lookUp(region.platform, token, pick(), categories);
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return total / ((performance.now() - began) / 1000);
}
