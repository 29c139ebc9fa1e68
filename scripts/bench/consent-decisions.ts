import type { Consent } from "@medplum/fhirtypes";
import { buildConsent } from "../../src/consent/build-consent.ts";
import { decide, permits } from "../../src/consent/decide.ts";
import type { AccessRequest, FoundConsents, Grant } from "../../src/consent/model.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../../src/kernel/brand.ts";
import type { Figure } from "./figure.ts";

const at = new Date("2026-11-18T04:00:00Z");
const code = (name: string) => name as InstitutionCode;

/** Decisions per second of processor time (what else the machine does at the moment takes nothing away), for a resident with five consents, one of them with an exception; the residual is asked about one item each. */
export function measureConsentDecisions(durationMs = 2_000): Figure {
  const found = sampleConsents();
  const request: AccessRequest = { recipient: code("c-county"), purpose: "TREAT", categories: ["lab", "imaging"] };
  const item = { institution: code("a-provincial"), category: "lab", date: "2026-11-15" } as const;
  run(found, request, item, durationMs / 4);
  const value = run(found, request, item, durationMs);
  return { name: "consent decision in process", value, unit: "decisions/s", goal: ">= 50000", met: value >= 50_000 };
}

function run(found: FoundConsents, request: AccessRequest, item: Parameters<typeof permits>[1], forMs: number): number {
  const start = process.cpuUsage();
  let decisions = 0;
  while (usedMs(start) < forMs) {
    for (let n = 0; n < 1_000; n++) {
      const decision = decide(found, request, at);
      if (decision.kind !== "permit" || !permits(decision.residual, item)) throw new Error("the sample must be permitted");
      decisions++;
    }
  }
  return decisions / (usedMs(start) / 1_000);
}

function usedMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

function sampleConsents(): FoundConsents {
  const resident = `h${"1".repeat(40)}` as ResidentId;
  const base: Grant = {
    recipients: [code("c-county")],
    categories: ["lab", "imaging"],
    purposes: ["TREAT", "ETREAT"],
    period: { start: "2026-01-01", end: "2027-01-01" },
  };
  const grants: Grant[] = [
    base,
    { ...base, recipients: [code("b-central")] },
    { ...base, sources: [code("a-provincial"), code("b-central")], dataPeriod: { start: "2025-01-01", end: "2026-12-31" } },
    { ...base, visit: { institution: code("c-county"), number: "V1" } },
    { ...base, period: { start: "2024-01-01", end: "2025-01-01" } },
  ];
  const given = new Date("2023-12-31T00:00:00Z");
  const consents: Consent[] = grants.map((grant, index) => buildConsent(`h${index}` as ResourceId, resident, grant, given));
  const [first, ...others] = consents;
  if (first?.provision === undefined) throw new Error("the sample has a consent");
  const exception = { type: "deny" as const, period: { start: "2026-01-01" }, dataPeriod: { end: "2020-12-31" } };
  return { consents: [{ ...first, provision: { ...first.provision, provision: [exception] } }, ...others], complete: true };
}
