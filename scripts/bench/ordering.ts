import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { call, expectStatus } from "../client/call.ts";
import type { Platform } from "../client/platform.ts";
import { createSignIn } from "../client/sign-in.ts";
import { type Figure, percentile } from "./figure.ts";
import { asker, holders } from "./region.ts";
import { type BenchRegion, startBenchRegion } from "./region-servers.ts";

interface Answer {
  readonly asked: string;
  readonly results: readonly { readonly lines: readonly unknown[] }[];
}

const checks = 200;
/** Checks while a source hangs; the first ones wait for it, then its breaker is open. */
const stalledChecks = 40;
/** Of the seeded results those of the last three weeks, so that every resident has some within the region's horizon. */
const potassium = "2823-3";

/** The check at the moment of ordering, another resident each time: alone, eight doctors at once, and while a source with a server of its own hangs. */
export async function benchOrdering(options: { resources: number }): Promise<Figure[]> {
  const region = await startBenchRegion(options.resources);
  try {
    const doctors = await doctorsAt(region.platform, region, "all");
    await doctors(4, checks);
    const [alone, crowded] = [await doctors(1, checks), await doctors(8, checks)];
    const stalled = await whileStalled(region);
    const figure = (name: string, value: number, goalMs: number): Figure => ({
      name,
      value,
      unit: "ms",
      goal: `<= ${goalMs} ms`,
      met: value <= goalMs,
    });
    return [
      figure(`order-time check at ${options.resources} resources, p95 alone`, percentile(alone, 0.95), 80),
      figure(`order-time check at ${options.resources} resources, p95 with 8 at once`, percentile(crowded, 0.95), 150),
      { name: "order-time check, p50 alone", value: percentile(alone, 0.5), unit: "ms", goal: "told" },
      { name: "order-time check, p50 with 8 at once", value: percentile(crowded, 0.5), unit: "ms", goal: "told" },
      figure("order-time check while a source hangs, slowest", Math.max(...stalled), 500),
    ];
  } finally {
    await region.stop();
  }
}

/** Checks, `clients` at once, each of another resident; times in ms. Throws when one finds nothing. */
async function doctorsAt(platform: Platform, region: BenchRegion, expected: "all" | "some") {
  const token = await createSignIn(platform).client(asker, "recognitions", { id: "bench-doctor", role: "doctor" });
  let next = 0;
  const check = async () => {
    const { number } = region.residents[next++ % region.residents.length] ?? { number: "" };
    const visit = { number: "V1", department: "内科", kind: "outpatient", start: new Date().toISOString() };
    const orders = [{ id: "1", code: { system: "http://loinc.org", code: potassium } }];
    const answer = call<Answer>(platform, {
      method: "POST",
      path: "/recognitions/check",
      token,
      json: { resident: { identityNumber: number }, visit, orders },
    });
    const { ms } = await answer;
    const { asked, results } = await expectStatus(answer, 200);
    const whole = asked === "all" || asked === expected;
    if (!whole || (results[0]?.lines.length ?? 0) === 0) throw new Error(`the bench's check found nothing (asked: ${asked})`);
    return ms;
  };
  return async (clients: number, count: number) => {
    const times: number[] = [];
    let left = count;
    const client = async () => {
      while (left-- > 0) times.push(await check());
    };
    await Promise.all(Array.from({ length: clients }, client));
    return times;
  };
}

/** Times while one institution's own server takes every request and answers none; the process is warm when it begins to hang. */
async function whileStalled(region: BenchRegion): Promise<number[]> {
  let hangs = false;
  const empty = JSON.stringify({ resourceType: "Bundle", type: "searchset" });
  const server = createServer((_, response) => void (hangs || response.end(empty)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
  const institution = holders[0];
  if (institution === undefined) throw new Error("the bench region has no institution");
  const { platform, stop } = await region.apiWith({ institution, url });
  try {
    const doctors = await doctorsAt(platform, region, "some");
    await doctors(2, stalledChecks);
    hangs = true;
    return await doctors(1, stalledChecks);
  } finally {
    await stop();
    server.closeAllConnections();
    server.close();
  }
}
