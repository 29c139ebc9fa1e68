import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Bundle, PlanDefinition } from "@medplum/fhirtypes";
import { call, expectStatus } from "../../scripts/client/call.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { flowWorld, type World } from "../platform.ts";
import { aVisit } from "./people.ts";

// What the running platform publishes of its policy, without a token, is what it decides by.
let world: World;
beforeAll(() => {
  world = flowWorld();
});
afterAll(() => world.close());

interface PublishedCatalogue {
  readonly region: string;
  readonly version: string;
  readonly versions: readonly { readonly version: string; readonly state: string }[];
  readonly items: readonly {
    readonly id: string;
    readonly loinc: string;
    readonly windows: readonly { readonly days: number }[];
  }[];
}

const open = <T>(path: string): Promise<T> => expectStatus(call<T>(world.platform, { method: "GET", path }), 200);

describe("the published policy", () => {
  it("is the one a check is decided by", async () => {
    const catalogue = await open<PublishedCatalogue>("/recognitions/catalogue");
    const json = {
      resident: { identityNumber: freshResident().number },
      visit: aVisit(),
      orders: [{ id: "1", item: "potassium" }],
    };
    const asked = world.as<{ policy: string }>("c-county", "recognitions", {
      method: "POST",
      path: "/recognitions/check",
      json,
    });
    expect((await expectStatus(asked, 200)).policy).toBe(`${catalogue.region} ${catalogue.version}`);
    expect(catalogue.versions.filter((one) => one.state === "in-force").map((one) => one.version)).toEqual([catalogue.version]);
  });

  it("tells under /fhir the same windows as the catalogue", async () => {
    const { version, items } = await open<PublishedCatalogue>("/recognitions/catalogue?kind=lab");
    const url = encodeURIComponent(`https://hutong.example/fhir/PlanDefinition/recognition-linhu|${version}`);
    const bundle = await open<Bundle<PlanDefinition>>(`/fhir/PlanDefinition?url=${url}`);
    const actions = bundle.entry?.[0]?.resource?.action ?? [];
    const potassium = items.find((item) => item.id === "potassium");
    const published = actions.find((action) => action.code?.[0]?.coding?.some((coding) => coding.code === potassium?.loinc));
    const days = published?.extension?.[0]?.extension?.find((part) => part.url === "days")?.valuePositiveInt;
    expect(days).toBe(potassium?.windows[0]?.days);
  });

  it("takes nothing but reading, and no token makes a difference", async () => {
    const written = await call(world.platform, { method: "PUT", path: "/fhir/PlanDefinition/linhu-2026.1", json: {} });
    expect(written.status).toBe(404);
    const withToken = await world.as("c-county", "recognitions", { method: "GET", path: "/recognitions/catalogue?item=alt" });
    expect(withToken.body).toEqual(await open("/recognitions/catalogue?item=alt"));
  });
});
