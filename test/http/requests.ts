import type { Express } from "express";
import request, { type Test } from "supertest";
import { someId } from "./fake-use-cases.ts";

const identityNumber = "990101199001010018";

export const visit = { number: "V1", department: "肾内科", kind: "outpatient", start: "2026-11-18T08:00:00+08:00" };
export const lookup = { resident: { identityNumber }, categories: ["lab"], visit, purpose: "TREAT" };
export const check = { resident: { identityNumber }, visit, orders: [{ id: "o1", item: "creatinine" }] };
export const paper = {
  ...{ resident: { identityNumber }, visit, result: { item: "creatinine" }, value: "86", unit: "umol/L" },
  ...{ collectedAt: "2026-11-17", institutionName: "邻省某医院", reportNumber: "R-1" },
};
export const grant = {
  recipients: ["a-provincial"],
  categories: ["lab"],
  purposes: ["TREAT"],
  period: { start: "2026-11-01", end: "2026-12-01" },
};

const record = { institution: "c-county", patient: someId };
const patient = { resourceType: "Patient", name: [{ text: "张三" }], birthDate: "1990-03-07" };
const sourceIdentifier = {
  resourceType: "Parameters",
  parameter: [{ name: "sourceIdentifier", valueIdentifier: { system: "urn:county:file", value: "A17" } }],
};
const evidence = `a-provincial/Observation/${someId}/_history/1`;
const results = [{ order: "o1", evidence }];
const answers = [{ order: "o1", text: "误点" }];
export const outcomes = [{ order: "o1", outcome: "adopted", evidence }];
export const fault = { order: "o1", evidence, fault: "wrong-value", text: "与临床不符" };
const period = { from: "2026-11-01T00:00:00+08:00", to: "2026-11-18T00:00:00+08:00" };

/** A good request for every guarded route: method, address, body. */
export const goodRequests = [
  { route: "POST /exports/{feed}", method: "post", url: "/exports/a-tb?file=a.csv", raw: "a,b\n1,2\n" },
  { route: "GET /exports/{id}", method: "get", url: `/exports/${someId}` },
  { route: "GET /exports/{id}/issues", method: "get", url: `/exports/${someId}/issues` },
  { route: "POST /mappings/{feed}", method: "post", url: "/mappings/a-tb?file=a-tb.zip", raw: "PK" },
  { route: "GET /mappings/{feed}", method: "get", url: "/mappings/a-tb" },
  { route: "GET /mapping-versions/{id}", method: "get", url: `/mapping-versions/${someId}` },
  { route: "POST /mapping-versions/{id}/dry-run", method: "post", url: `/mapping-versions/${someId}/dry-run`, body: period },
  { route: "POST /mapping-versions/{id}/replay", method: "post", url: `/mapping-versions/${someId}/replay`, body: period },
  { route: "POST /mapping-versions/{id}/activate", method: "post", url: `/mapping-versions/${someId}/activate`, body: {} },
  { route: "POST /mapping-versions/{id}/retire", method: "post", url: `/mapping-versions/${someId}/retire` },
  { route: "GET /mapping-work/{id}", method: "get", url: `/mapping-work/${someId}` },
  { route: "POST /mapping-work/{id}/stop", method: "post", url: `/mapping-work/${someId}/stop` },
  { route: "GET /feeds", method: "get", url: "/feeds" },
  { route: "POST /lookups", method: "post", url: "/lookups", body: lookup },
  { route: "GET /lookups/{id}", method: "get", url: `/lookups/${someId}` },
  { route: "GET /lookups/{id}/results", method: "get", url: `/lookups/${someId}/results` },
  { route: "GET /lookups/{id}/events", method: "get", url: `/lookups/${someId}/events` },
  { route: "POST /consents", method: "post", url: "/consents", body: grant },
  { route: "GET /consents", method: "get", url: "/consents" },
  { route: "POST /consents/{id}/withdraw", method: "post", url: `/consents/${someId}/withdraw` },
  { route: "GET /access-log", method: "get", url: "/access-log" },
  { route: "POST /recognitions/check", method: "post", url: "/recognitions/check", body: check },
  { route: "GET /recognitions/figures", method: "get", url: "/recognitions/figures?by=department" },
  {
    route: "GET /recognitions/figures/returns/{name}",
    method: "get",
    url: "/recognitions/figures/returns/liaoning?from=2026-10",
  },
  {
    route: "POST /recognitions/history",
    method: "post",
    url: "/recognitions/history",
    body: { resident: check.resident, visit },
  },
  { route: "POST /recognitions/transcribed", method: "post", url: "/recognitions/transcribed", body: paper },
  { route: "GET /recognitions/{id}/events", method: "get", url: `/recognitions/${someId}/events` },
  { route: "POST /recognitions/links", method: "post", url: "/recognitions/links", body: { page: "popup", check } },
  { route: "GET /recognitions/outcomes", method: "get", url: "/recognitions/outcomes?visit=V1" },
  { route: "GET /notices", method: "get", url: "/notices" },
  { route: "POST /notices/{id}/acknowledge", method: "post", url: `/notices/${someId}/acknowledge` },
  { route: "GET /recognitions/faults", method: "get", url: "/recognitions/faults" },
  { route: "GET /recognitions/appeals", method: "get", url: "/recognitions/appeals" },
  { route: "GET /recognitions/{id}", method: "get", url: `/recognitions/${someId}` },
  { route: "POST /recognitions/{id}/outcome", method: "post", url: `/recognitions/${someId}/outcome`, body: { outcomes } },
  { route: "POST /recognitions/{id}/views", method: "post", url: `/recognitions/${someId}/views`, body: { results } },
  { route: "POST /recognitions/{id}/references", method: "post", url: `/recognitions/${someId}/references`, body: { results } },
  {
    route: "POST /recognitions/{id}/revocations",
    method: "post",
    url: `/recognitions/${someId}/revocations`,
    body: { answers },
  },
  { route: "POST /recognitions/{id}/appeals", method: "post", url: `/recognitions/${someId}/appeals`, body: { answers } },
  {
    route: "POST /recognitions/{id}/faults",
    method: "post",
    url: `/recognitions/${someId}/faults`,
    body: { results: [fault] },
  },
  { route: "GET /identity/reviews", method: "get", url: "/identity/reviews" },
  { route: "POST /identity/reviews/{id}/link", method: "post", url: `/identity/reviews/${someId}/link` },
  { route: "POST /identity/reviews/{id}/separate", method: "post", url: `/identity/reviews/${someId}/separate` },
  { route: "POST /identity/explanations", method: "post", url: "/identity/explanations", body: record },
  { route: "POST /identity/links", method: "post", url: "/identity/links", body: { record, with: record } },
  { route: "POST /identity/links/remove", method: "post", url: "/identity/links/remove", body: record },
  { route: "GET /identity/decisions", method: "get", url: "/identity/decisions" },
  { route: "POST /identity/decisions/{id}/undo", method: "post", url: `/identity/decisions/${someId}/undo` },
  { route: "PUT /fhir/Patient", method: "put", url: "/fhir/Patient?identifier=urn:county:file|A17", body: patient },
  { route: "POST /fhir/Patient/$match", method: "post", url: "/fhir/Patient/$match", body: patient },
  { route: "POST /fhir/Patient/$ihe-pix", method: "post", url: "/fhir/Patient/$ihe-pix", body: sourceIdentifier },
] as const satisfies readonly GoodRequest[];

export interface GoodRequest {
  readonly route: string;
  readonly method: "get" | "post" | "put";
  readonly url: string;
  readonly body?: object;
  readonly raw?: string;
}

/** The good request for a route, perhaps with another body or address. */
export function goodRequest(route: (typeof goodRequests)[number]["route"], changes: Partial<GoodRequest> = {}): GoodRequest {
  const good: GoodRequest | undefined = goodRequests.find((one) => one.route === route);
  if (good === undefined) throw new Error(`no such route: ${route}`);
  return { ...good, ...changes };
}

/** Sends one of them, with a token or without. */
export function send(app: Express, good: GoodRequest, token?: string): Test {
  const test = request(app)[good.method](good.url);
  if (token !== undefined) test.set("Authorization", `Bearer ${token}`);
  if (good.raw !== undefined) return test.set("Content-Type", "application/octet-stream").send(Buffer.from(good.raw));
  return good.body === undefined ? test : test.send(good.body);
}
