import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Resource } from "@medplum/fhirtypes";
import type { HapiClient } from "../../src/adapters/hapi/client.ts";
import { installProfiles } from "../../src/adapters/hapi/install-conformance.ts";
import { createHapiStore } from "../../src/adapters/hapi/store.ts";
import { createProfileCheck } from "../../src/fhir/profile-check.ts";
import { profileOf } from "../../src/fhir/profile-of.ts";
import { publishFiguresMeasure } from "../../src/ordering/figures/figures-measure.ts";
import { broken, brokenCopy, examples } from "../fhir/broken-copies.ts";
import { type SampleResource, sampleResources, shapeOf } from "../mapping/sample-resources.ts";
import { clientOfHapi } from "../servers.ts";
import { validateOnHapi } from "./validate-on-hapi.ts";

// HAPI's own validator, which knows R4 and our profiles and nothing of our check: what is written must pass both.
// WHOLE_REGION=1 asks it about every resource of the sample region (about 3,000, minutes); else about one of each shape (the same elements, types,
// codes of FHIR's systems, feed by feed).
const whole = process.env.WHOLE_REGION === "1";
let client: HapiClient;

beforeAll(async () => {
  client = clientOfHapi();
  await installProfiles(createHapiStore(client), "profiles");
}, 120_000);
afterAll(() => client.close());

describe("HAPI's $validate with our profiles", () => {
  it.each([...examples.keys()])("takes the example of %s", async (name) => {
    expect(await validateOnHapi(client, withItsMeasure(given(name)), name)).toEqual([]);
  });

  it.each(Object.entries(broken))("refuses %s with $said", async (name) => {
    expect((await validateOnHapi(client, withItsMeasure(brokenCopy(name)), name)).length).toBeGreaterThan(0);
  });
});

it("HAPI takes the Measure that the figures name", async () => {
  expect(await validateOnHapi(client, publishFiguresMeasure(), undefined)).toEqual([]);
}, 60_000);

describe("the sample region", () => {
  let resources: SampleResource[];

  beforeAll(async () => {
    resources = (await sampleResources()).resources;
  }, 60_000);

  it("holds every kind of resource that we have a profile for", () => {
    const made = new Set(resources.map(({ resource }) => profileOf(resource)));
    const notMapped = [
      "golden-patient",
      "provenance",
      "recognition-figures",
      "recognition-notice",
      "recognition-outcome",
      "result-changed",
      "stub-encounter",
      "stub-patient",
    ];
    expect([...examples.keys()].filter((name) => !made.has(name))).toEqual(notMapped);
  });

  it("passes our own check, every resource", async () => {
    const check = await createProfileCheck("profiles");
    expect(resources.flatMap(({ feed, resource }) => check(resource).map((one) => ({ feed, ...one })))).toEqual([]);
  });

  it(
    whole ? "passes HAPI's, every resource" : "passes HAPI's, one of each shape",
    async () => {
      const chosen = whole ? resources : [...new Map(resources.map((one) => [shapeOf(one), one])).values()];
      const failed: string[] = [];
      await inPairs(chosen, async ({ feed, resource }) => {
        const errors = await validateOnHapi(client, resource, profileOf(resource));
        failed.push(...errors.map((one) => `${feed} ${resource.resourceType} ${one}`));
      });
      expect([...new Set(failed)]).toEqual([]);
    },
    whole ? 1_800_000 : 300_000,
  );
});

function given(name: string) {
  const resource = examples.get(name);
  if (resource === undefined) throw new Error(`no example of ${name}`);
  return resource;
}

/** HAPI holds a MeasureReport against its Measure. It looks for one that is not contained without a tenant, and fails (HAPI-1319). */
function withItsMeasure(resource: Resource): Resource {
  if (resource.resourceType !== "MeasureReport") return resource;
  const { url: _, ...measure } = publishFiguresMeasure();
  return { ...resource, contained: [{ ...measure, id: "measure" }], measure: "#measure" };
}

/** Two at a time: HAPI shares two cores with the test. */
async function inPairs<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = list.values();
  const worker = async () => {
    for (const one of waiting) await work(one);
  };
  await Promise.all([worker(), worker()]);
}
