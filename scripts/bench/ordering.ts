import { call, expectStatus } from "../client/call.ts";
import { createSignIn } from "../client/sign-in.ts";
import { type Figure, percentile } from "./figure.ts";
import { asker } from "./region.ts";
import { startBenchRegion } from "./region-servers.ts";

interface Answer {
  readonly asked: string;
  readonly results: readonly { readonly lines: readonly unknown[] }[];
}

const checks = 200;
/** Of the seeded results those of the last three weeks, so that every resident has some within the region's horizon. */
const potassium = "2823-3";

/** The check at the moment of ordering, another resident each time: alone, and eight doctors at once. */
export async function benchOrdering(options: { resources: number }): Promise<Figure[]> {
  const region = await startBenchRegion(options.resources);
  try {
    const token = await createSignIn(region.platform).client(asker, "recognitions", { id: "bench-doctor", role: "doctor" });
    let next = 0;
    const check = async () => {
      const { number } = region.residents[next++ % region.residents.length] ?? { number: "" };
      const visit = { number: "V1", department: "内科", kind: "outpatient", start: new Date().toISOString() };
      const orders = [{ id: "1", code: { system: "http://loinc.org", code: potassium } }];
      const answer = call<Answer>(region.platform, {
        method: "POST",
        path: "/recognitions/check",
        token,
        json: { resident: { identityNumber: number }, visit, orders },
      });
      const { ms } = await answer;
      const { asked, results } = await expectStatus(answer, 200);
      if (asked !== "all" || (results[0]?.lines.length ?? 0) === 0)
        throw new Error(`the bench's check found nothing (asked: ${asked})`);
      return ms;
    };
    const run = async (clients: number) => {
      const times: number[] = [];
      let left = checks;
      const client = async () => {
        while (left-- > 0) times.push(await check());
      };
      await Promise.all(Array.from({ length: clients }, client));
      return times;
    };
    await run(4);
    const [alone, crowded] = [await run(1), await run(8)];
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
    ];
  } finally {
    await region.stop();
  }
}
