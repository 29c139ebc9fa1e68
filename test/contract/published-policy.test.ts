import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { HapiClient } from "../../src/adapters/hapi/client.ts";
import { installProfiles } from "../../src/adapters/hapi/install-conformance.ts";
import { createHapiStore } from "../../src/adapters/hapi/store.ts";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import { type PublishedResource, publishCatalogue } from "../../src/recognition/publish/publish-catalogue.ts";
import { clientOfHapi } from "../servers.ts";
import { validateOnHapi } from "./validate-on-hapi.ts";

// What a region publishes under /fhir, through HAPI's own validator with our profiles: the policy and panels whole, and of the rest one of each kind.
let client: HapiClient;
beforeAll(async () => {
  client = clientOfHapi();
  await installProfiles(createHapiStore(client), "profiles");
}, 120_000);
afterAll(() => client.close());

it.each(["linhu", "hubei"])(
  "the policy of %s passes",
  async (region) => {
    const loaded = await loadCatalogue("profiles/recognition", region);
    if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
    const all = publishCatalogue(loaded.versions, "2026-11-22");
    const failed: string[] = [];
    for (const resource of chosen(all)) {
      const errors = await validateOnHapi(client, resource, undefined);
      failed.push(...errors.map((error) => `${resource.resourceType}/${resource.id} ${error}`));
    }
    expect(failed).toEqual([]);
  },
  300_000,
);

it("HAPI refuses a policy whose window has no anchor", async () => {
  const loaded = await loadCatalogue("profiles/recognition", "hubei");
  if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
  const [plan] = publishCatalogue(loaded.versions, "2026-11-22");
  const broken = JSON.parse(
    JSON.stringify(plan).replace(/\{"url":"anchor","valueCode":"collected"\},/, ""),
  ) as PublishedResource;
  expect((await validateOnHapi(client, broken, undefined)).join()).toContain("anchor");
}, 60_000);

/** Items differ in nothing that a validator sees but their kind and whether they have a unit: one of each is enough. */
function chosen(all: readonly PublishedResource[]): PublishedResource[] {
  const kindOf = (one: PublishedResource) =>
    one.resourceType === "ActivityDefinition" ? String(one.bodySite?.length) : one.id;
  return [...new Map(all.map((one) => [`${one.resourceType} ${kindOf(one)}`, one])).values()];
}
