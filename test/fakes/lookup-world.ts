import type { Observation, Resource } from "@medplum/fhirtypes";
import { pino } from "pino";
import { auditEvent } from "../../src/audit/audit-event.ts";
import { consentsOf } from "../../src/consent/consents-of.ts";
import type { Grant } from "../../src/consent/model.ts";
import { withdrawConsent } from "../../src/consent/withdraw-consent.ts";
import { newGolden, withLink } from "../../src/identity/golden-patient.ts";
import { ensureResident, readResident } from "../../src/identity/resident.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import type { LookupRequest } from "../../src/lookup/lookup.ts";
import type { LookupDeps, News, SealedAnswers } from "../../src/lookup/lookup-deps.ts";
import { requestLookup } from "../../src/lookup/request-lookup.ts";
import { runLookup } from "../../src/lookup/run-lookup.ts";
import { grantAndWake } from "../../src/lookup/wake-lookups.ts";
import type { SourceAnswer } from "../../src/sources/answer.ts";
import { createSourceGate } from "../../src/sources/source-gate.ts";
import { createMemoryStore } from "./memory-store.ts";

const suite = createCryptoSuite({ ids: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });

export const code = (text: string) => text as InstitutionCode;
export const resident = suite.computeId("DEFAULT", "Patient", "resident", "known") as ResidentId;
export const nobody = suite.computeId("DEFAULT", "Patient", "resident", "unknown") as ResidentId;
export const asker = { client: "c-county", institution: code("c-county"), practitioner: { id: "d7", role: "doctor" } };
export const stranger = { client: "b-central", institution: code("b-central") };

/** A region in memory with one resident, known at A (`a-provincial`), B (`b-central`) and C (`c-county`, which asks). */
export function createLookupWorld() {
  const store = createMemoryStore();
  let time = Date.parse("2026-11-20T02:00:00Z");
  const now = () => new Date(time);
  let count = 0;
  const scheduled: string[] = [];
  const patientAt = (institution: string) => suite.computeId(institution, "Patient", "patient", "card-1") as ResourceId;

  const deps: LookupDeps & { ensureResident: (id: ResidentId) => Promise<void> } = {
    store,
    suite,
    now,
    log: pino({ level: "silent" }),
    scheduler: {
      async schedule(_kind, id) {
        scheduled.push(id);
      },
    },
    consentsOf: (residents) => consentsOf(store, residents),
    readGolden: (id) => readResident(store, id),
    ensureResident: (id) => ensureResident(store, id),
    sources: {
      store,
      now,
      remote: {
        async search() {
          return { kind: "refused" };
        },
      },
      gate: createSourceGate({ concurrent: 4, failures: 5, openMs: 30_000 }, now),
      endpointOf: () => ({ kind: "hosted" }),
      timeoutMs: 1_000,
    },
    answers: createMemoryAnswers(),
    progress: createMemoryProgress(),
    nameOf: (institution) => `name of ${institution}`,
    unique: () => `once-${++count}`,
    publicUrl: "https://hub.example",
    answerWindowMs: 72 * 3_600_000,
  };

  const put = (tenant: string, resource: Resource) =>
    store.commit(tenant === "DEFAULT" ? tenant : code(tenant), [{ kind: "put", resource }]);
  /** The golden Patient with exactly these links: an institution under its usual id, or under the one given. */
  const link = async (...known: (string | [string, ResourceId])[]) => {
    let golden = newGolden(resident);
    for (const one of known) {
      const [institution, patientId] = typeof one === "string" ? [one, patientAt(one)] : one;
      golden = withLink(golden, { tenant: code(institution), patientId, basis: "number", at: "2026-01-01" });
    }
    await put("DEFAULT", golden);
  };

  return {
    deps,
    store,
    scheduled,
    patientAt,
    put,
    link,
    advance: (ms: number) => {
      time += ms;
    },
    /** One laboratory report with one result, collected at noon of `day`. */
    async labReport(institution: string, name: string, day = "2026-11-17", patient = patientAt(institution)) {
      const subject = { reference: `Patient/${patient}` };
      const at = { effectiveDateTime: `${day}T12:00:00+08:00` };
      const result: Observation = {
        resourceType: "Observation",
        id: `h-${name}-result`,
        status: "final",
        category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }],
        code: { text: "creatinine" },
        subject,
        ...at,
      };
      await put(institution, result);
      await put(institution, {
        resourceType: "DiagnosticReport",
        id: `h-${name}`,
        status: "final",
        category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "LAB" }] }],
        code: { text: "renal function" },
        subject,
        ...at,
        result: [{ reference: `Observation/${result.id}` }],
      });
    },
    grant: (grant: Partial<Grant> = {}, key = `grant-${++count}`) =>
      grantAndWake(deps, {
        resident,
        key,
        grant: {
          recipients: [asker.institution],
          categories: ["record", "lab", "imaging"],
          purposes: ["TREAT"],
          period: { start: "2026-11-01", end: "2027-11-01" },
          ...grant,
        },
        audit: (consent) => [event("consent-given", `${consent.id}`)],
      }),
    withdraw: (id: string) =>
      withdrawConsent(store, { residents: [resident], id, audit: () => [event("consent-withdrawn", id)] }),
    ask: (more: Partial<LookupRequest> = {}, key = `key-${++count}`) => requestLookup(deps, { ...aLookup(), ...more }, key),
    /** Runs everything that was queued, like the worker. */
    async work() {
      for (const id of scheduled.splice(0)) await runLookup(deps, id);
    },
    events: (kind: string) =>
      store
        .all("DEFAULT")
        .flatMap((one) => (one.resourceType === "AuditEvent" && one.subtype?.[0]?.code === kind ? [one] : [])),
  };

  function event(kind: "consent-given" | "consent-withdrawn", id: string) {
    return auditEvent({
      id: suite.computeId("event", kind, id),
      kind,
      at: now(),
      outcome: "success",
      agent: { client: "portal" },
    });
  }
}

/** A lookup of laboratory results by the county hospital in an outpatient visit. */
function aLookup(): LookupRequest {
  return {
    asker,
    resident,
    categories: ["lab"],
    purpose: "TREAT",
    visit: { number: "V1", department: "肾内科", kind: "outpatient", start: "2026-11-20T01:00:00Z" },
  };
}

/** Sealed answers without the seal; `lose()` is a wiped Redis. */
export function createMemoryAnswers(): SealedAnswers & { lose(): void } {
  const kept = new Map<string, Map<InstitutionCode, SourceAnswer>>();
  const asking = new Map<string, Promise<SourceAnswer>>();
  return {
    lose: () => kept.clear(),
    async forget(lookup) {
      kept.delete(lookup);
    },
    async keep(lookup, answer) {
      kept.set(lookup, (kept.get(lookup) ?? new Map()).set(answer.institution, answer));
    },
    async kept(lookup, source) {
      return [...(kept.get(lookup)?.values() ?? [])].filter((one) => source === undefined || one.institution === source);
    },
    async sources(lookup) {
      return [...(kept.get(lookup)?.keys() ?? [])];
    },
    async once(lookup, source, ask) {
      const name = `${lookup}:${source}`;
      const running = asking.get(name) ?? ask().finally(() => asking.delete(name));
      asking.set(name, running);
      return await running;
    },
  };
}

/** Words about lookups within this process. */
export function createMemoryProgress(): LookupDeps["progress"] {
  const ears = new Set<{ lookup: string; heard: (news: News) => void }>();
  return {
    async tell(lookup, news) {
      for (const ear of ears) if (ear.lookup === lookup) ear.heard(news);
    },
    async listen(lookup, heard) {
      const ear = { lookup, heard };
      ears.add(ear);
      return () => ears.delete(ear);
    },
  };
}
