import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { importJWK, SignJWT } from "jose";
import { call, expectStatus } from "../client/call.ts";
import type { Platform } from "../client/platform.ts";
import { itemByKey } from "../sample/items.ts";
import type { Stage } from "./stage.ts";
import { must } from "./tell.ts";

interface Card {
  readonly summary: string;
  readonly indicator: "info" | "warning" | "critical";
  readonly suggestions?: readonly { readonly label: string }[];
}

/** C's HIS speaks CDS Hooks as well: without consent it gets one neutral card. */
export async function hookWithoutConsent(stage: Stage): Promise<void> {
  await stage.step("C's HIS calls the hook order-sign. There is no consent", async () => {
    const cards = await orderSign(stage, ["CREA"]);
    must(cards.length === 1 && cards[0]?.indicator === "info", `cards: ${JSON.stringify(cards)}`);
    return { said: cards.map(saidOf), result: undefined };
  });
}

/** The same orders through the hook: cards a doctor reads. */
export async function hookWithConsent(stage: Stage): Promise<void> {
  await stage.step("C's HIS calls the hook order-sign for creatinine and LDL", async () => {
    const cards = await orderSign(stage, ["CREA", "LDL"]);
    must(
      cards.some((one) => one.indicator === "warning" && (one.suggestions?.length ?? 0) > 0),
      `cards: ${JSON.stringify(cards)}`,
    );
    return { said: cards.map(saidOf), result: undefined };
  });
}

function saidOf({ indicator, summary, suggestions = [] }: Card): string {
  const offered = suggestions.map((one) => `[${one.label}]`).join(" ");
  return `${indicator}: ${summary} ${offered}`.trimEnd();
}

async function orderSign({ platform, resident, named }: Stage, keys: readonly string[]): Promise<readonly Card[]> {
  const path = "/cds-services/recognition";
  const subject = { reference: "Patient/p1" };
  const drafts = keys.map((key) => ({
    resourceType: "ServiceRequest",
    id: `hook-${key}`,
    status: "draft",
    intent: "order",
    subject,
    code: { coding: [{ system: "http://loinc.org", code: itemByKey(key).loinc }] },
  }));
  const answer = call<{ cards: readonly Card[] }>(platform, {
    method: "POST",
    path,
    token: await cdsToken(platform, `${platform.api}${path}`),
    json: {
      hook: "order-sign",
      hookInstance: randomUUID(),
      context: {
        userId: "Practitioner/1008",
        patientId: "p1",
        encounterId: "e1",
        draftOrders: { resourceType: "Bundle", type: "collection", entry: drafts.map((resource) => ({ resource })) },
      },
      prefetch: {
        patient: {
          resourceType: "Patient",
          id: "p1",
          identifier: [{ system: "urn:oid:2.16.156.10011.1.3", value: resident.number }],
        },
        encounter: {
          resourceType: "Encounter",
          id: "e1",
          status: "in-progress",
          class: { code: "AMB" },
          identifier: [{ use: "official", value: named.number }],
          serviceType: { text: named.department },
          subject,
        },
      },
    },
  });
  return (await expectStatus(answer, 200)).cards;
}

/** The JWT with which C's HIS signs one call (CDS Hooks 2.0, "Trusting CDS Clients"). */
async function cdsToken(platform: Platform, audience: string): Promise<string> {
  const jwk = JSON.parse(readFileSync(join(platform.clientKeys, "c-county.jwk.json"), "utf8"));
  return new SignJWT({ tenant: "c-county" })
    .setProtectedHeader({ alg: jwk.alg, kid: jwk.kid, typ: "JWT" })
    .setIssuer("https://his.weitang.example")
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime("2m")
    .setJti(randomUUID())
    .sign(await importJWK(jwk, jwk.alg));
}
