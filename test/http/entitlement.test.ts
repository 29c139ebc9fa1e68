import { describe, expect, it } from "@jest/globals";
import type { CallerKind } from "../../src/http/caller.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { goodRequest, goodRequests, lookup, send } from "./requests.ts";
import { startApp } from "./start-app.ts";
import { tokenFor } from "./tokens.ts";

const kinds: readonly CallerKind[] = ["institution", "supplier", "resident", "steward", "operator", "portal"];

/** Who may use which route; everybody else gets 403 and an audit event. */
const allowed: Readonly<Record<string, readonly CallerKind[]>> = {
  "POST /exports/{feed}": ["supplier"],
  "GET /exports/{id}": ["supplier", "institution", "operator"],
  "GET /exports/{id}/issues": ["supplier", "institution", "operator"],
  "GET /feeds": ["supplier", "institution", "operator"],
  "POST /mappings/{feed}": ["operator"],
  "GET /mappings/{feed}": ["operator"],
  "GET /mapping-versions/{id}": ["operator"],
  "POST /mapping-versions/{id}/dry-run": ["operator"],
  "POST /mapping-versions/{id}/replay": ["operator"],
  "POST /mapping-versions/{id}/activate": ["operator"],
  "POST /mapping-versions/{id}/retire": ["operator"],
  "GET /mapping-work/{id}": ["operator"],
  "POST /mapping-work/{id}/stop": ["operator"],
  "POST /lookups": ["institution"],
  "GET /lookups/{id}": ["institution"],
  "GET /lookups/{id}/results": ["institution"],
  "GET /lookups/{id}/events": ["institution"],
  "POST /consents": ["resident"],
  "GET /consents": ["resident"],
  "POST /consents/{id}/withdraw": ["resident"],
  "GET /access-log": ["resident"],
  "POST /recognitions/check": ["institution"],
  "POST /recognitions/history": ["institution"],
  "POST /recognitions/transcribed": ["institution"],
  "GET /recognitions/{id}/events": ["institution"],
  "POST /recognitions/links": ["institution", "operator"],
  "GET /recognitions/outcomes": ["institution"],
  "GET /recognitions/figures": ["institution", "operator"],
  "GET /recognitions/figures/returns/{name}": ["operator"],
  "GET /recognitions/faults": ["institution"],
  "GET /recognitions/appeals": ["operator"],
  "GET /notices": ["institution", "operator"],
  "POST /notices/{id}/acknowledge": ["institution"],
  "GET /recognitions/{id}": ["institution"],
  "POST /recognitions/{id}/outcome": ["institution"],
  "POST /recognitions/{id}/views": ["institution"],
  "POST /recognitions/{id}/references": ["institution"],
  "POST /recognitions/{id}/revocations": ["institution"],
  "POST /recognitions/{id}/appeals": ["institution"],
  "POST /recognitions/{id}/faults": ["institution"],
  "GET /identity/reviews": ["steward"],
  "POST /identity/reviews/{id}/link": ["steward"],
  "POST /identity/reviews/{id}/separate": ["steward"],
  "POST /identity/explanations": ["steward"],
  "POST /identity/links": ["steward"],
  "POST /identity/links/remove": ["steward"],
  "GET /identity/decisions": ["steward"],
  "POST /identity/decisions/{id}/undo": ["steward"],
  "PUT /fhir/Patient": ["institution"],
  "POST /fhir/Patient/$match": ["institution"],
  "POST /fhir/Patient/$ihe-pix": ["institution"],
};

const matrix = goodRequests.flatMap((good) =>
  kinds.map((kind) => ({ good, kind, route: good.route, may: allowed[good.route]?.includes(kind) === true })),
);

describe("who may use which route", () => {
  it.each(matrix.filter((one) => one.may))("$kind is served at $route", async ({ good, kind }) => {
    const { app, seen } = startApp();
    const response = await send(app, good, await tokenFor(kind));
    expect(response.status).toBeLessThan(300);
    expect(seen.calls).toHaveLength(1);
    expect(seen.refusals).toEqual([]);
  });

  it.each(matrix.filter((one) => !one.may))(
    "$kind is refused at $route, and the refusal is audited",
    async ({ good, kind }) => {
      const { app, seen } = startApp();
      const response = await send(app, good, await tokenFor(kind));
      expect(response.status).toBe(403);
      expect(seen.calls).toEqual([]);
      expect(seen.refusals).toMatchObject([{ route: good.route, code: "not-entitled", caller: { kind } }]);
    },
  );

  it("a supplier delivers its own feeds only, and an unknown feed looks like somebody else's", async () => {
    const { app, seen } = startApp();
    const token = await tokenFor("supplier");
    const other = goodRequest("POST /exports/{feed}", { url: "/exports/b-snake?file=a.csv" });
    const unknown = goodRequest("POST /exports/{feed}", { url: "/exports/no-such-feed?file=a.csv" });
    expect((await send(app, other, token)).status).toBe(403);
    expect((await send(app, unknown, token)).status).toBe(403);
    expect(seen.files).toEqual([]);
  });

  it("a token made for treatment does not serve an emergency lookup", async () => {
    const { app, seen } = startApp();
    const token = await tokenFor("institution", { claims: { purposes: ["TREAT"] } });
    const emergency = goodRequest("POST /lookups", { body: { ...lookup, purpose: "ETREAT" } });
    expect((await send(app, emergency, token)).status).toBe(403);
    expect(seen.refusals).toHaveLength(1);
    expect((await send(app, goodRequest("POST /lookups"), token)).status).toBe(202);
  });

  it("a token with fewer scopes than the client may have serves fewer routes", async () => {
    const { app } = startApp();
    const token = await tokenFor("institution", { claims: { scope: "exports" } });
    expect((await send(app, goodRequest("POST /lookups"), token)).status).toBe(403);
  });

  it("when the refusal cannot be audited, the caller is told to come back and learns nothing else", async () => {
    const { app } = startApp({ refused: async () => Promise.reject(new Fault("store-down")) });
    const response = await send(app, goodRequest("GET /consents"), await tokenFor("institution"));
    expect(response.status).toBe(503);
    expect(response.body).toMatchObject({ code: "store-down" });
  });
});
