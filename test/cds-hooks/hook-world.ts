import { pino } from "pino";
import { Registry } from "prom-client";
import request from "supertest";
import type { PageLink } from "../../src/http/contract/web.ts";
import { createApp } from "../../src/http/create-app.ts";
import { serveCdsHooks } from "../../src/http/serve/serve-cds-hooks.ts";
import type { UseCases } from "../../src/http/use-cases.ts";
import { cdsRules, cdsToken, sharedIssuer } from "../http/cds-tokens.ts";
import { fakeUseCases } from "../http/fake-use-cases.ts";
import { audience, rules } from "../http/tokens.ts";
import { createOrderingWorld, resident } from "../ordering/ordering-world.ts";
import { hookClient, type Kept, type OrderingSession, type Wire } from "./hook-client.ts";

/** A resident of the sample province, who is the resident of the ordering world. */
export const identityNumber = "996427200504235712";

/** The ordering world behind its HTTP doors, and the system of county hospital C, which speaks CDS Hooks. */
export async function createHookWorld(more: { readonly launch?: string; readonly unauthorisedCard?: boolean } = {}) {
  const world = await createOrderingWorld();
  const { suite } = world.deps;
  const ofNumber: typeof suite.computeId = (...parts) =>
    parts.includes("identity-number") && parts.at(-1) === identityNumber ? resident : suite.computeId(...parts);
  const made: PageLink[] = [];
  const deps = {
    ...world.deps,
    suite: { ...suite, computeId: ofNumber },
    hookMs: 300,
    parseOptions: () => ({ allowTestRegions: true, today: world.deps.now() }),
    cdsClientOf: () => ({ unauthorisedCard: true, ...more }),
    makeLink: async ({ page }: Parameters<UseCases["makeLink"]>[0]) => {
      made.push(page);
      return { kind: "made" as const, link: { url: `${audience}/recognition/popup#code`, expiresAt: "2026-11-22T02:05:00Z" } };
    },
  };
  const logged: string[] = [];
  const log = pino({ level: "trace" }, { write: (line: string) => void logged.push(line) });
  const { useCases } = fakeUseCases(serveCdsHooks(deps));
  const app = createApp({
    useCases,
    tokens: rules,
    cdsTokens: cdsRules({ now: world.deps.now }),
    failures: { note: () => {}, tell: async () => {}, stop: async () => {} },
    metrics: new Registry(),
    log,
    now: world.deps.now,
    publicUrl: audience,
  });
  const fhir = new Map<string, Kept>([
    ["Patient/p1", patient()],
    ["Encounter/e1", encounter()],
    ["Practitioner/1008", { resourceType: "Practitioner", id: "1008", name: [{ text: "程医生" }] }],
  ]);
  const wire: Wire = {
    baseUrl: audience,
    token: (address) => cdsToken(address, { at: world.deps.now(), claims: { iss: sharedIssuer, tenant: "county" } }),
    async send(method, path, { authorization, body }) {
      const sent =
        method === "GET"
          ? request(app).get(path)
          : request(app)
              .post(path)
              .send(body as object);
      const { status, body: answer } = await sent.set("Authorization", authorization);
      return { status, body: answer };
    },
  };
  return { ...world, made, app, wire, client: hookClient(wire, fhir), fhir, logged };
}

/** The patient as county hospital C has them. */
export function patient(more: object = {}): Kept {
  return {
    resourceType: "Patient",
    id: "p1",
    identifier: [
      { system: "urn:oid:2.16.156.10011.1.3", value: identityNumber },
      { system: "urn:c-county:file", value: "F0001" },
    ],
    name: [{ text: "张三" }],
    ...more,
  };
}

/** The visit in which is ordered. */
export function encounter(more: object = {}): Kept {
  return {
    resourceType: "Encounter",
    id: "e1",
    status: "in-progress",
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
    identifier: [{ type: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0203", code: "VN" }] }, value: "M1" }],
    serviceType: { coding: [{ system: "urn:oid:2.16.156.10011.2.3.3.2", code: "03.05", display: "肾病学专业" }] },
    subject: { reference: "Patient/p1" },
    ...more,
  };
}

/** A draft order of an item of the catalogue, coded as the county's laboratory codes it or in LOINC. */
export function draft(id: string, code: { readonly system: string; readonly code: string }, more: object = {}): Kept {
  return {
    resourceType: "ServiceRequest",
    id,
    status: "draft",
    intent: "order",
    code: { coding: [code] },
    subject: { reference: "Patient/p1" },
    encounter: { reference: "Encounter/e1" },
    requester: { reference: "Practitioner/1008" },
    ...more,
  };
}

export const loinc = (code: string) => ({ system: "http://loinc.org", code });
export const item = (code: string) => ({ system: "urn:hutong:recognition-item", code });

export function session(...drafts: Kept[]): OrderingSession {
  return { userId: "Practitioner/1008", patientId: "p1", encounterId: "e1", drafts };
}
