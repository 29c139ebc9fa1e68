import type { Express } from "express";
import request, { type Test } from "supertest";
import { someId } from "./fake-use-cases.ts";

const identityNumber = "990101199001010018";

export const visit = { number: "V1", department: "肾内科", kind: "outpatient", start: "2026-11-18T08:00:00+08:00" };
export const lookup = { resident: { identityNumber }, categories: ["lab"], visit, purpose: "TREAT" };
export const check = { resident: { identityNumber }, visit, orders: [{ id: "o1", item: "creatinine" }] };
export const grant = {
  recipients: ["a-provincial"],
  categories: ["lab"],
  purposes: ["TREAT"],
  period: { start: "2026-11-01", end: "2026-12-01" },
};

/** A good request for every guarded route: method, address, body. */
export const goodRequests = [
  { route: "POST /exports/{feed}", method: "post", url: "/exports/a-tb?file=a.csv", raw: "a,b\n1,2\n" },
  { route: "GET /exports/{id}", method: "get", url: `/exports/${someId}` },
  { route: "GET /exports/{id}/issues", method: "get", url: `/exports/${someId}/issues` },
  { route: "POST /lookups", method: "post", url: "/lookups", body: lookup },
  { route: "GET /lookups/{id}", method: "get", url: `/lookups/${someId}` },
  { route: "GET /lookups/{id}/results", method: "get", url: `/lookups/${someId}/results` },
  { route: "GET /lookups/{id}/events", method: "get", url: `/lookups/${someId}/events` },
  { route: "POST /consents", method: "post", url: "/consents", body: grant },
  { route: "GET /consents", method: "get", url: "/consents" },
  { route: "POST /consents/{id}/withdraw", method: "post", url: `/consents/${someId}/withdraw` },
  { route: "GET /access-log", method: "get", url: "/access-log" },
  { route: "POST /recognitions/check", method: "post", url: "/recognitions/check", body: check },
  { route: "GET /identity/reviews", method: "get", url: "/identity/reviews" },
] as const satisfies readonly GoodRequest[];

export interface GoodRequest {
  readonly route: string;
  readonly method: "get" | "post";
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
