import { describe, expect, it } from "@jest/globals";
import type { Bundle } from "@medplum/fhirtypes";
import request from "supertest";
import { serveCatalogue } from "../../src/http/serve/serve-catalogue.ts";
import { createPolicyShelf } from "../../src/recognition/policy-shelf.ts";
import { policiesFolder } from "../recognition/laboratory.ts";
import { startApp } from "./start-app.ts";
import { audience } from "./tokens.ts";

// The doors of what a region publishes, on the shipped policies; nobody needs a token.
const now = () => new Date("2026-11-22T02:00:00Z");
const { app } = startApp(
  serveCatalogue({ versionsOf: createPolicyShelf({ root: policiesFolder, now }), region: "linhu", now, publicUrl: audience }),
);
const get = (address: string) => request(app).get(address);

describe("GET /recognitions/catalogue", () => {
  it("tells the policy of today, its versions, and every item with its sources", async () => {
    const { status, body } = await get("/recognitions/catalogue");
    expect(status).toBe(200);
    expect(body).toMatchObject({ region: "linhu", version: "2026.1", on: "2026-11-22", horizonDays: 180 });
    expect(body.versions).toEqual([
      { version: "2026.1", from: "2025-01-01", to: "2026-12-31", state: "in-force" },
      { version: "2027.1", from: "2027-01-01", state: "coming" },
    ]);
    const hba1c = body.items.find((item: { id: string }) => item.id === "hba1c");
    expect(hba1c).toMatchObject({ name: "糖化血红蛋白", comparability: "method", bases: ["mark-and-certificate", "alliance"] });
    expect(hba1c.windows).toMatchObject([
      { days: 60, anchor: "collected", clause: "附件三", effective: { from: "2025-01-01" } },
    ]);
    expect(body.items.find((item: { id: string }) => item.id === "pct").notRecognised.reason).toContain("降钙素原");
    expect(body.declineReasons).toHaveLength(8);
  });

  it.each`
    said                        | query                                  | version      | items
    ${"on a day"}               | ${"on=2027-03-01&item=hba1c"}          | ${"2027.1"}  | ${["hba1c"]}
    ${"in a version to come"}   | ${"version=2027.1&item=crp"}           | ${"2027.1"}  | ${["crp"]}
    ${"of a panel"}             | ${"item=kidney-function"}              | ${"2026.1"}  | ${["creatinine", "urate", "urea"]}
    ${"by a part of a name"}    | ${"words=%E8%82%8C%E9%85%90"}          | ${"2026.1"}  | ${["creatinine"]}
    ${"by the name of a panel"} | ${"words=%E8%82%BE%E5%8A%9F%E8%83%BD"} | ${"2026.1"}  | ${["creatinine", "urate", "urea"]}
    ${"by a LOINC code"}        | ${"words=14682-9"}                     | ${"2026.1"}  | ${["creatinine"]}
    ${"by kind and a word"}     | ${"kind=imaging&words=mr"}             | ${"2026.1"}  | ${["head-mr", "lumbar-mr"]}
    ${"of another region"}      | ${"region=hubei&item=lithium"}         | ${"2023.56"} | ${["lithium"]}
    ${"by words nobody uses"}   | ${"words=xyzzy"}                       | ${"2026.1"}  | ${[]}
  `("$said: $query", async ({ query, version, items }) => {
    const { status, body } = await get(`/recognitions/catalogue?${query}`);
    expect([status, body.version]).toEqual([200, version]);
    expect(body.items.map((item: { id: string }) => item.id)).toEqual(items);
  });

  it.each`
    said                             | query                         | status
    ${"a region that has no policy"} | ${"region=nowhere"}           | ${404}
    ${"the skeleton"}                | ${"region=national"}          | ${404}
    ${"a path instead of a region"}  | ${"region=..%2F..%2Fetc"}     | ${400}
    ${"a version there is not"}      | ${"version=2030.1"}           | ${404}
    ${"a day before the first"}      | ${"on=2020-01-01"}            | ${404}
    ${"an item nobody knows"}        | ${"item=moonstone"}           | ${404}
    ${"no day"}                      | ${"on=2026-02-30"}            | ${400}
    ${"no kind"}                     | ${"kind=ecg"}                 | ${400}
    ${"a parameter nobody knows"}    | ${"colour=red"}               | ${400}
    ${"a parameter twice"}           | ${"item=alt&item=ast"}        | ${400}
    ${"an identity number"}          | ${"words=990100199001011234"} | ${400}
    ${"no UTF-8"}                    | ${"words=%FF"}                | ${400}
    ${"words of control characters"} | ${"words=%00"}                | ${400}
  `("$said is $status, with a reason and without an echo", async ({ query, status }) => {
    const answer = await get(`/recognitions/catalogue?${query}`);
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.text).not.toMatch(/moonstone|990100|colour|2030\.1/);
  });
});

describe("GET /recognitions/catalogue/diff", () => {
  it("tells what a version to come changes, item by item", async () => {
    const { status, body } = await get("/recognitions/catalogue/diff?from=2026.1&to=2027.1");
    expect(status).toBe(200);
    expect([body.from, body.to]).toEqual([
      { version: "2026.1", on: "2026-12-31" },
      { version: "2027.1", on: "2027-01-01" },
    ]);
    expect(body.items.find((one: { item: string }) => one.item === "crp")).toMatchObject({ change: "added" });
    expect(body.items.find((one: { item: string }) => one.item === "wbc").fields).toEqual([
      {
        field: "window",
        before: { days: 7, anchor: "collected", provisional: true },
        after: { days: 14, anchor: "collected", provisional: false },
      },
    ]);
  });

  it("of two days within one version is empty", async () => {
    const { body } = await get("/recognitions/catalogue/diff?from=2026-01-01&to=2026-11-22");
    expect([body.head, body.entries, body.items]).toEqual([[], [], []]);
  });

  it.each(["from=2026.1", "from=2026.1&to=2030.1", "from=2020-01-01&to=2026.1", "from=%2A&to=2026.1"])(
    "%s is 400 and says which side",
    async (query) => {
      const { status, body } = await get(`/recognitions/catalogue/diff?${query}`);
      expect(status).toBe(400);
      expect(body.problems.map((one: { field: string }) => one.field)).toEqual([expect.stringMatching(/^(from|to)$/)]);
    },
  );
});

describe("the policy under /fhir", () => {
  it.each(["PlanDefinition", "ActivityDefinition", "ValueSet", "ConceptMap", "CodeSystem"])(
    "%s can be searched and read",
    async (type) => {
      const found = await get(`/fhir/${type}?version=2026.1&_count=1`);
      const bundle = found.body as Bundle;
      expect([found.status, found.headers["content-type"]]).toEqual([200, "application/fhir+json; charset=utf-8"]);
      const [entry] = bundle.entry ?? [];
      expect(entry?.fullUrl).toBe(`${audience}/fhir/${type}/${entry?.resource?.id}`);
      expect((await get(`/fhir/${type}/${entry?.resource?.id}`)).body).toEqual(entry?.resource);
    },
  );

  it("is found by its canonical address, with and without the version", async () => {
    const url = "https://hutong.example/fhir/PlanDefinition/recognition-linhu";
    expect((await get(`/fhir/PlanDefinition?url=${url}`)).body.total).toBe(2);
    const one = await get(`/fhir/PlanDefinition?url=${encodeURIComponent(`${url}|2027.1`)}`);
    expect(one.body.entry[0].resource).toMatchObject({ id: "linhu-2027.1", status: "draft" });
  });

  it("comes in pages whose links lead through all of it, each once", async () => {
    const seen: string[] = [];
    let next: string | undefined = "/fhir/ActivityDefinition?version=2026.1&_count=20";
    while (next !== undefined) {
      const bundle: Bundle = (await get(next)).body;
      seen.push(...(bundle.entry ?? []).map((entry) => entry.resource?.id ?? ""));
      next = bundle.link?.find((link) => link.relation === "next")?.url?.slice(audience.length);
    }
    expect([seen.length, new Set(seen).size]).toEqual([45, 45]);
  });

  it.each`
    address                                      | status
    ${"/fhir/PlanDefinition/nothing"}            | ${404}
    ${"/fhir/PlanDefinition/linhu-2026.1-items"} | ${404}
    ${"/fhir/PlanDefinition/%00"}                | ${404}
    ${"/fhir/PlanDefinition?_has=x"}             | ${400}
    ${"/fhir/PlanDefinition?_count=100000"}      | ${400}
    ${"/fhir/PlanDefinition?_count=-1"}          | ${400}
    ${"/fhir/PlanDefinition?status=unknown"}     | ${400}
    ${"/fhir/PlanDefinition/a?x=1"}              | ${400}
  `("$address is $status with an OperationOutcome", async ({ address, status }) => {
    const answer = await get(String(address));
    expect([answer.status, answer.body.resourceType]).toEqual([status, "OperationOutcome"]);
  });

  it.each(["post", "put"] as const)("nobody writes there (%s)", async (method) => {
    expect((await request(app)[method]("/fhir/PlanDefinition/linhu-2026.1").send({})).status).toBe(404);
  });
});
