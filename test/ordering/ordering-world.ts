import type { AuditEvent, Resource } from "@medplum/fhirtypes";
import { pino } from "pino";
import { recordAudit } from "../../src/audit/record-audit.ts";
import { buildConsent } from "../../src/consent/build-consent.ts";
import { consentsOf } from "../../src/consent/consents-of.ts";
import type { Grant } from "../../src/consent/model.ts";
import { extensions } from "../../src/fhir/systems.ts";
import { newGolden, withLink } from "../../src/identity/golden-patient.ts";
import { readResident } from "../../src/identity/resident.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../../src/kernel/brand.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import type { RecognitionCheck } from "../../src/ordering/check/check.ts";
import type { CheckDeps, FlaggedMark } from "../../src/ordering/check/check-deps.ts";
import { createRecognitionData } from "../../src/ordering/check/recognition-data.ts";
import { catalogueOn } from "../../src/recognition/catalogue.ts";
import type { SourceAnswer } from "../../src/sources/answer.ts";
import type { RemotePage } from "../../src/sources/ask-remote.ts";
import { createSourceGate } from "../../src/sources/source-gate.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";
import { examinationOf, type GivenExamination, type GivenResult, observationOf } from "../recognition/described-results.ts";
import { institutionOf, linhuPolicy, policiesFolder } from "../recognition/laboratory.ts";

export const code = (name: string) => name as InstitutionCode;
/** The resident of every story, and one nobody knows. */
export const resident = `h${"1".repeat(40)}` as ResidentId;
export const stranger = `h${"2".repeat(40)}` as ResidentId;
export const note = "There may be more.";
const visit = { number: "M1", kind: "outpatient" } as const;

/** An institution's own server: what it answers to a search of a type, however late. */
export type Server = (type: string, signal: AbortSignal) => Promise<RemotePage>;

/** The late answers of a test, in memory: one process, nothing vanishes but by `wipe`. */
function memoryAnswers() {
  const kept = new Map<string, Map<string, SourceAnswer>>();
  const asking = new Map<string, Promise<SourceAnswer>>();
  const ears = new Map<string, Set<() => void>>();
  return {
    late: {
      async keep(under: string, answer: SourceAnswer) {
        kept.set(under, (kept.get(under) ?? new Map()).set(answer.institution, answer));
      },
      async kept(under: string, source?: string) {
        const all = [...(kept.get(under)?.values() ?? [])];
        return source === undefined ? all : all.filter((one) => one.institution === source);
      },
      once(under: string, source: string, ask: () => Promise<SourceAnswer>) {
        const name = `${under}:${source}`;
        const running = asking.get(name) ?? ask().finally(() => asking.delete(name));
        asking.set(name, running);
        return running;
      },
    },
    news: {
      async tell(check: string) {
        for (const heard of ears.get(check) ?? []) heard();
      },
      async listen(check: string, heard: () => void) {
        ears.set(check, (ears.get(check) ?? new Set()).add(heard));
        return () => void ears.get(check)?.delete(heard);
      },
    },
  };
}

/** A world in memory in which C orders: store, policy of 临湖省, a clock that stands still until moved. */
export async function createOrderingWorld() {
  const store = createMemoryStore();
  const key = (letter: string) => Buffer.alloc(32, letter);
  const suite = createCryptoSuite({ ids: key("a"), index: key("b"), data: key("c") });
  let at = new Date("2026-11-22T10:00:00+08:00");
  let once = 0;
  const servers = new Map<string, Server>();
  const asked: string[] = [];
  const flagged: FlaggedMark[] = [];
  const late: { check: string; institution: string }[] = [];
  const now = () => at;
  const log = pino({ level: "silent" });
  const catalogue = catalogueOn(await linhuPolicy(), at);
  const deps: CheckDeps = {
    store,
    suite,
    now,
    log,
    readGolden: (id) => readResident(store, id),
    consentsOf: (residents) => consentsOf(store, residents),
    recognitionData: createRecognitionData({ store, now, log, profilesDir: `${policiesFolder}/..`, region: "linhu" }),
    institutionOf(name) {
      const party = institutionOf(name);
      return (
        party && {
          ...party,
          endpoint: servers.has(name) ? { kind: "fhir", url: `https://${name}.example/fhir` } : { kind: "hosted" },
        }
      );
    },
    unique: () => `once-${++once}`,
    note,
    timeoutMs: 1_000,
    answerWindowMs: 72 * 3_600_000,
    sources: {
      remote: {
        search({ institution }, { type }, signal) {
          const server = servers.get(institution);
          asked.push(`${institution} ${type}`);
          return server === undefined ? Promise.reject(new Error("no such server")) : server(type, signal);
        },
      },
      gate: createSourceGate({ concurrent: 8, failures: 5, openMs: 30_000 }, now),
    },
    ...memoryAnswers(),
    record: (event) => recordAudit(store, [event]),
    flagged: async (marks) => void flagged.push(...marks),
    arrivedLate: async (one) => void late.push(one),
  };
  const patientOf = (institution: string) => suite.computeId(institution, "Patient", "patient", "1") as ResourceId;
  const put = async (tenant: string, ...resources: Resource[]) => {
    const outcome = await store.commit(
      code(tenant),
      resources.map((resource) => ({ kind: "put", resource })),
    );
    if (outcome.kind === "conflict") throw new Error("the world already has this");
  };
  const subject = (institution: string) => ({ reference: `Patient/${patientOf(institution)}` });

  const resultOf = (given: GivenResult): Resource => {
    const { source = "a-provincial" } = given;
    const observation = observationOf({ ...given, id: given.id ?? `h-${source}` }, catalogue);
    return { ...observation, subject: subject(source) };
  };

  return {
    store,
    deps,
    catalogue,
    /** Institutions that run their own server, and what was asked of them. */
    servers,
    asked,
    flagged,
    late,
    patientOf,
    put,
    pass(ms: number) {
      at = new Date(at.getTime() + ms);
    },
    /** These institutions know the resident. */
    async link(institutions: readonly string[], basis: "number" | "steward" = "number") {
      const golden = institutions.reduce(
        (patient, one) =>
          withLink(patient, { tenant: code(one), patientId: patientOf(one), basis, at: "2026-01-01T00:00:00Z" }),
        newGolden(resident),
      );
      await put("DEFAULT", golden);
    },
    /** The resident lets C look at laboratory results and examinations of everybody. */
    async grant(more: Partial<Grant> = {}, id = "hconsent") {
      const period = { start: "2026-11-01T00:00:00+08:00", end: "2027-01-01T00:00:00+08:00" };
      const base = {
        recipients: [code("c-county")],
        categories: ["lab", "imaging"],
        purposes: ["TREAT", "ETREAT"],
        period,
      } as const;
      await put("DEFAULT", buildConsent(id as ResourceId, resident, { ...base, ...more }, new Date("2026-11-01T00:00:00Z")));
    },
    async withdraw(id = "hconsent") {
      const consent = await store.read("DEFAULT", "Consent", id);
      if (consent !== undefined) await put("DEFAULT", { ...consent, status: "inactive" });
    },
    /** A laboratory result as test/recognition describes it, at its source. */
    async result(given: GivenResult) {
      await put(given.source ?? "a-provincial", resultOf(given));
    },
    resultOf,
    async examination(given: GivenExamination) {
      const { source = "a-provincial" } = given;
      const { report, study } = examinationOf(given, catalogue);
      const parts = [study, report].flatMap((part) => (part === undefined ? [] : [{ ...part, subject: subject(source) }]));
      await put(source, ...parts);
    },
    /** The province certified this laboratory for this item. */
    async certify(laboratory = "a-provincial", loinc = "14682-9", result = "passed") {
      const parts = {
        laboratory: { valueCode: laboratory },
        item: { valueCoding: { system: "http://loinc.org", code: loinc } },
        body: { valueString: "临湖省临床检验中心" },
        region: { valueString: "临湖省" },
        validity: { valuePeriod: { start: "2026-01-01", end: "2026-12-31" } },
        result: { valueCode: result },
      };
      const extension = Object.entries(parts).map(([url, value]) => ({ url, ...value }));
      await put("quality-centre", {
        resourceType: "Basic",
        id: `h-${laboratory}-${loinc}`,
        code: { text: "室间质评" },
        extension: [{ url: extensions.qualityCertificate, extension }],
      });
    },
    ask(more: Partial<RecognitionCheck> = {}): RecognitionCheck {
      const asker = { client: "c-county", institution: code("c-county"), practitioner: { id: "1008" } };
      return { asker, resident, visit, orders: [{ id: "o1", item: "creatinine" }], ...more };
    },
    events: () => store.all("DEFAULT").filter((one): one is AuditEvent => one.resourceType === "AuditEvent"),
  };
}
