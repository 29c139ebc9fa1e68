import { InstitutionCode } from "../../src/http/contract/parts.ts";
import type { Refusal, UseCases } from "../../src/http/use-cases.ts";

export const someId = `h${"0f".repeat(20)}`;
export const otherId = `h${"ee".repeat(20)}`;

const record = { institution: InstitutionCode.parse("c-county"), patient: someId };
const decision = { id: someId, action: "link" as const, record, by: "steward", at: "2026-11-18T04:00:00Z" };

const nothing = { numerator: 0, denominator: 0 };
const row = {
  key: "",
  name: "合计",
  items: {},
  visits: {},
  rates: { a: nothing, aApart: nothing, aVisits: nothing, missing: nothing },
  closed: true,
};
const noFigures = {
  ...{ from: "2026-11", until: "2026-11", countedAt: "t", institutions: [], role: "recogniser" as const, by: "item" as const },
  ...{ settled: false, sources: { stored: 0, counted: 0 }, total: row, rows: [], measures: {}, rates: {} },
};
const noReturn = {
  ...{ id: "liaoning", name: "n", source: "s", clause: "c", provisional: true, from: "2026-11", until: "2026-11" },
  ...{ settled: false, columns: [], rows: [] },
};

const aNotice = {
  ...{
    id: someId,
    kind: "amended" as const,
    state: "acknowledged" as const,
    at: "t",
    institution: InstitutionCode.parse("c-county"),
  },
  ...{ about: "a-provincial/DiagnosticReport/h1", places: [], told: 1, toldAt: "t" },
};

/** What reached the use cases: their names in order, and the refusals that were audited. */
export interface Seen {
  readonly calls: string[];
  readonly refusals: Refusal[];
  readonly files: { readonly name: string; readonly bytes: number }[];
}

/** Use cases that know one export, one lookup and one consent, and write down who asked for what. */
export function fakeUseCases(changes: Partial<UseCases> = {}): { useCases: UseCases; seen: Seen } {
  const seen: Seen = { calls: [], refusals: [], files: [] };
  const told = <T>(name: string, answer: T): Promise<T> => {
    seen.calls.push(name);
    return Promise.resolve(answer);
  };
  const consent = {
    id: someId,
    status: "active" as const,
    recipients: [InstitutionCode.parse("a-provincial")],
    categories: ["lab" as const],
    purposes: ["TREAT" as const],
    period: { start: "2026-01-01", end: "2027-01-01" },
    grantedAt: "2026-01-01T00:00:00Z",
    secretNote: "never leaves",
  };
  const version = {
    ...{ id: someId, feed: "a-tb", status: "draft" as const, templates: ["lab-report@2"] },
    ...{ digest: "0f", uploadedAt: "2026-11-18T00:00:00Z", uploadedBy: "operator" },
  };
  const mappingWork = {
    ...{ id: someId, kind: "mapping-dry-run" as const, feed: "a-tb", version: someId, status: "running" as const },
    period: { from: "2026-11-01T00:00:00Z", to: "2026-11-18T00:00:00Z" },
  };
  const state = { id: someId, status: "completed" as const, lines: [], note: "n" };
  const useCases: UseCases = {
    async acceptExport({ files }) {
      for await (const file of files) {
        let bytes = 0;
        for await (const chunk of file.content) bytes += chunk.length;
        seen.files.push({ name: file.name, bytes });
      }
      return told("acceptExport", { kind: "accepted", id: someId });
    },
    exportState: ({ id }) =>
      told("exportState", id === someId ? { id, feed: "a-tb", status: "completed", files: [] } : undefined),
    feedStates: () => told("feedStates", [{ feed: "a-tb", waiting: { exports: 0, more: false } }]),
    exportIssues: ({ id }) => told("exportIssues", id === someId ? issues() : undefined),
    async uploadMapping({ files }) {
      for await (const { content } of files) for await (const _chunk of content);
      return told("uploadMapping", { kind: "stored", version });
    },
    listMappings: ({ feed }) => told("listMappings", feed === "a-tb" ? { feed, versions: [version] } : undefined),
    mappingVersion: ({ id }) => told("mappingVersion", id === someId ? { ...version, files: [] } : undefined),
    activateMapping: ({ id }) => told("activateMapping", id === someId ? { kind: "activated", version } : undefined),
    retireMapping: ({ id }) => told("retireMapping", id === someId ? { kind: "retired", version } : undefined),
    startMappingWork: ({ id }) => told("startMappingWork", id === someId ? { kind: "accepted", id } : undefined),
    mappingWork: ({ id }) => told("mappingWork", id === someId ? mappingWork : undefined),
    stopMappingWork: ({ id }) => told("stopMappingWork", id === someId ? { kind: "stopped", work: mappingWork } : undefined),
    requestLookup: () => told("requestLookup", { kind: "accepted", id: someId }),
    lookupState: ({ id }) => told("lookupState", id === someId ? state : undefined),
    readLookup: ({ id }) =>
      told(
        "readLookup",
        id === someId ? { kind: "released", bundle: { resourceType: "Bundle", type: "searchset", entry: [] } } : undefined,
      ),
    watchLookup: ({ id }) => told("watchLookup", id === someId ? events() : undefined),
    grantConsent: () => told("grantConsent", { kind: "granted", consent }),
    listConsents: () => told("listConsents", [consent]),
    withdrawConsent: ({ id }) => told("withdrawConsent", id === someId ? { ...consent, status: "withdrawn" } : undefined),
    accessLog: () => told("accessLog", { entries: [], more: false }),
    recognitionCatalogue: () => told("recognitionCatalogue", undefined),
    compareCatalogues: () => told("compareCatalogues", undefined),
    searchPublished: () => told("searchPublished", { resourceType: "Bundle" as const, type: "searchset" as const }),
    readPublished: () => told("readPublished", undefined),
    checkRecognition: () =>
      told("checkRecognition", {
        kind: "checked",
        answer: { id: someId, policy: "p", answerUntil: "u", asked: "all", results: [], panels: [], note: "n" },
      }),
    recognitionHistory: () =>
      told("recognitionHistory", {
        kind: "found",
        answer: { id: someId, policy: "p", asked: "all", results: [], silent: [], note: "n" },
      }),
    transcribeResult: () => told("transcribeResult", { kind: "kept" as const }),
    watchCheck: ({ id }) => told("watchCheck", id === someId ? checkEvents() : undefined),
    recordOutcomes: ({ id, given }) =>
      told(
        "recordOutcomes",
        id === someId ? given.outcomes.map(() => ({ order: "o1", state: "recorded" as const })) : undefined,
      ),
    recognitionState: ({ id }) =>
      told("recognitionState", id === someId ? { id, at: "t", policy: "p", answerUntil: "u", results: [] } : undefined),
    listOutcomes: () => told("listOutcomes", { resourceType: "Bundle" as const, type: "searchset" as const }),
    listAppeals: () => told("listAppeals", { resourceType: "Bundle" as const, type: "searchset" as const }),
    listReportedFaults: () => told("listReportedFaults", { resourceType: "Bundle" as const, type: "searchset" as const }),
    tellUses: ({ id }) => told("tellUses", id === someId ? [{ order: "o1", state: "recorded" as const }] : undefined),
    objectToAnswers: ({ id }) =>
      told("objectToAnswers", id === someId ? [{ order: "o1", state: "recorded" as const }] : undefined),
    reportFaults: ({ id }) => told("reportFaults", id === someId ? [{ order: "o1", state: "recorded" as const }] : undefined),
    listNotices: () => told("listNotices", { notices: [], more: false }),
    acknowledgeNotice: ({ id }) => told("acknowledgeNotice", id === someId ? aNotice : undefined),
    recognitionFigures: () => told("recognitionFigures", { kind: "read", figures: noFigures }),
    figureReports: () =>
      told("figureReports", { kind: "read", reports: { resourceType: "Bundle" as const, type: "collection" as const } }),
    fillReturn: ({ name }) => told("fillReturn", name === "liaoning" ? { kind: "read", filled: noReturn } : undefined),
    makeLink: () =>
      told("makeLink", {
        kind: "made",
        link: { url: "https://hub.example/recognition#code", expiresAt: "2026-11-18T12:05:00Z" },
      }),
    readReport: () => told("readReport", undefined),
    declineReasons: () => told("declineReasons", []),
    listInstitutions: () => told("listInstitutions", []),
    explainDecision: () =>
      told("explainDecision", {
        kind: "explained",
        explanation: { item: "creatinine", itemName: "肌酐", policy: "linhu 2026.1", rules: [] },
      }),
    callCdsService: ({ service }) =>
      told("callCdsService", service === "recognition" ? { kind: "answered", cards: [] } : undefined),
    takeCdsFeedback: ({ service, feedback }) =>
      told(
        "takeCdsFeedback",
        service === "recognition" ? feedback.map(({ card }) => ({ card, state: "recorded" as const })) : undefined,
      ),
    listReviews: () => told("listReviews", { reviews: [], more: false }),
    answerReview: ({ id }) => told("answerReview", id === someId ? { kind: "decided" as const, decision } : undefined),
    explainRecord: () => told("explainRecord", { person: record, others: [], decisions: [decision] }),
    linkRecord: () => told("linkRecord", decision),
    unlinkRecord: () => told("unlinkRecord", decision),
    listDecisions: () => told("listDecisions", []),
    undoDecision: ({ id }) => told("undoDecision", id === someId ? { kind: "decided" as const, decision } : undefined),
    registerPatient: () => told("registerPatient", { kind: "created" as const }),
    matchPatients: () => told("matchPatients", { resourceType: "Bundle" as const, type: "searchset" as const }),
    crossReference: () => told("crossReference", []),
    readiness: () => Promise.resolve({ store: "up", queue: "up" }),
    refused: async (refusal) => void seen.refusals.push(refusal),
    authenticationFailed: async () => {},
    ...changes,
  };
  async function* events() {
    yield { event: "done" as const, data: state };
  }
  return { useCases, seen };
}

async function* issues() {
  yield { severity: "error" as const, code: "encoding", file: "a.csv", line: 2, reason: "=is not GB18030" };
}

async function* checkEvents() {
  yield { event: "done" as const, data: { check: someId } };
}
