import type { Bundle, MeasureReport, Patient, Resource } from "@medplum/fhirtypes";
import type { ResidentId } from "../kernel/brand.ts";
import type { FaultCode, Problem } from "../kernel/fault.ts";
import type { Caller } from "./caller.ts";
import type { CatalogueAnswer, CatalogueDiff, CatalogueDiffQuery, CatalogueQuery } from "./contract/catalogue.ts";
import type { FeedbackRequest, FeedbackState, HookRequest, ShownCard } from "./contract/cds-hooks.ts";
import type { AccessLog, ConsentGrant, ConsentState } from "./contract/consent.ts";
import type { Explained, ExplanationRequest, Institutions } from "./contract/explanation.ts";
import type { ExportIssue, ExportState } from "./contract/export.ts";
import type { FeedState } from "./contract/feed.ts";
import type { FiguresQuery, FilledReturn, RecognitionFigures, ReturnQuery } from "./contract/figures.ts";
import type { Readiness } from "./contract/health.ts";
import type { IdentityDecision, IdentityExplanation, IdentityReviewList, RecordKey } from "./contract/identity.ts";
import type { LookupLine, LookupRequest, LookupState } from "./contract/lookup.ts";
import type { MappingPeriod, MappingVersion, MappingVersionFiles, MappingVersions, MappingWork } from "./contract/mapping.ts";
import type { Notice, NoticeList } from "./contract/notice.ts";
import type { PublishedSearch, PublishedType } from "./contract/published.ts";
import type {
  RecognitionAnswer,
  RecognitionHistory,
  RecognitionHistoryRequest,
  RecognitionRequest,
  TranscribedRequest,
} from "./contract/recognition.ts";
import type {
  FaultsRequest,
  ObjectionsRequest,
  OutcomesAnswer,
  OutcomesRequest,
  RecognitionState,
  ToldAnswer,
  UsesRequest,
} from "./contract/recognition-outcome.ts";
import type { ReportShown } from "./contract/report.ts";
import type { MadeLink, PageLink, PopupCheck } from "./contract/web.ts";

/** The request is well formed but cannot be served as it stands (an unknown code, a number that is none): 400 with these places. */
export interface Wrong {
  readonly kind: "wrong";
  readonly problems: readonly Problem[];
}

/** One file as it arrives; `content` must be read to its end before the next file comes. */
export interface IncomingFile {
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array>;
}

/** An export at the door. `idempotencyKey` absent = the content itself is the key. */
interface ExportDelivery {
  readonly caller: Caller;
  readonly feed: string;
  readonly files: AsyncIterable<IncomingFile>;
  readonly idempotencyKey?: string;
  /** Aborts when the client hangs up: then nothing is accepted. */
  readonly signal: AbortSignal;
}

/** A reading of a lookup's answer: consent was asked and the disclosure is audited before this value exists. */
export interface Reading {
  readonly kind: "released";
  /** A searchset; an OperationOutcome entry stands for every source that did not answer. */
  readonly bundle: Bundle;
  /** Aborts when the consent behind it is withdrawn; what is still being sent then is cut. */
  readonly revoked?: AbortSignal;
  /** Told once when sending ended: everything sent, cut by a withdrawal (to be audited), or the client left. */
  readonly ended?: (how: "sent" | "cut" | "left") => void | Promise<void>;
}

/** What a lookup's event stream tells: a source's line, its block of data (a reading of its own), the end. */
export type LookupEvent =
  | { readonly event: "line"; readonly data: LookupLine }
  | { readonly event: "block"; readonly data: { readonly source: string; readonly reading: Reading } }
  | { readonly event: "done"; readonly data: LookupState };

/** What a check's event stream tells: the answer decided anew with what came late; that nothing more is waited for. */
export type CheckEvent =
  | { readonly event: "answer"; readonly data: RecognitionAnswer }
  | { readonly event: "done"; readonly data: { readonly check: string } };

/** A server-sent event whose data was cut to its contract already. */
export interface PresentedEvent {
  readonly event: "presented";
  readonly name: string;
  readonly data: unknown;
}

/** A request that was refused, for the audit: who, where, why; never what was asked for. */
export interface Refusal {
  readonly at: Date;
  readonly requestId: string;
  /** Route template, e.g. `POST /consents/{id}/withdraw`. */
  readonly route: string;
  readonly code: FaultCode;
  readonly caller: Caller;
}

/** Failed authentications of one minute: one audit event per client, not per attempt. */
export interface FailedAuthentications {
  /** Start of the minute. */
  readonly minute: Date;
  /** A registered client's id, or `unknown`. */
  readonly client: string;
  readonly count: number;
  /** How often each cause was seen, e.g. `{ expired: 3 }`. */
  readonly causes: Readonly<Record<string, number>>;
}

/**
 * Everything the HTTP edge can ask for, one method per route; `main` makes it from the flows. Every method may throw a Fault.
 * `undefined` = nothing there for this caller (404); a tagged value = an expected "no".
 */
export interface UseCases {
  /** Lands the files durably and opens the work. `conflict` = the same key came with other content. */
  acceptExport(
    delivery: ExportDelivery,
  ): Promise<{ readonly kind: "accepted"; readonly id: string } | { readonly kind: "conflict" } | Wrong>;
  exportState(request: { readonly caller: Caller; readonly id: string }): Promise<ExportState | undefined>;
  exportIssues(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly signal: AbortSignal;
  }): Promise<AsyncIterable<ExportIssue> | undefined>;
  /** Those the caller delivers; an operator sees all. */
  feedStates(request: { readonly caller: Caller }): Promise<readonly FeedState[]>;

  /** Keeps a mapping that compiles as a draft; `problems` name file and line. */
  uploadMapping(request: {
    readonly caller: Caller;
    readonly feed: string;
    readonly files: AsyncIterable<IncomingFile>;
  }): Promise<
    | { readonly kind: "stored"; readonly version: MappingVersion }
    | {
        readonly kind: "problems";
        readonly problems: readonly { readonly file: string; readonly line: number; readonly reason: string }[];
      }
  >;
  listMappings(request: { readonly feed: string }): Promise<MappingVersions | undefined>;
  mappingVersion(request: { readonly id: string }): Promise<MappingVersionFiles | undefined>;
  activateMapping(request: { readonly caller: Caller; readonly id: string; readonly force: boolean }): Promise<
    | { readonly kind: "activated"; readonly version: MappingVersion }
    | { readonly kind: "never-tried" }
    | { readonly kind: "unusable" }
    | {
        readonly kind: "problems";
        readonly problems: readonly { readonly file: string; readonly line: number; readonly reason: string }[];
      }
    | { readonly kind: "conflict" }
    | undefined
  >;
  retireMapping(request: {
    readonly caller: Caller;
    readonly id: string;
  }): Promise<{ readonly kind: "retired"; readonly version: MappingVersion } | { readonly kind: "conflict" } | undefined>;
  startMappingWork(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly kind: "dry-run" | "replay";
    readonly period: MappingPeriod;
    readonly idempotencyKey?: string;
  }): Promise<
    | { readonly kind: "accepted"; readonly id: string }
    | { readonly kind: "not-active" }
    | { readonly kind: "conflict" }
    | undefined
  >;
  mappingWork(request: { readonly id: string }): Promise<MappingWork | undefined>;
  stopMappingWork(request: {
    readonly caller: Caller;
    readonly id: string;
  }): Promise<{ readonly kind: "stopped"; readonly work: MappingWork } | { readonly kind: "conflict" } | undefined>;

  /** The same answer, in the same time, for every resident: known, unknown, silent or unwilling. */
  requestLookup(request: {
    readonly caller: Caller;
    readonly lookup: LookupRequest;
    readonly idempotencyKey: string;
  }): Promise<{ readonly kind: "accepted"; readonly id: string } | { readonly kind: "conflict" } | Wrong>;
  lookupState(request: { readonly caller: Caller; readonly id: string }): Promise<LookupState | undefined>;
  /** `waitMs`: waits that long for the lookup's end. `waiting` = nothing to read yet; `refused` = consent does not (any longer) permit. `source` unknown or not permitted = undefined. */
  readLookup(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly source?: string;
    readonly waitMs: number;
    readonly signal: AbortSignal;
  }): Promise<Reading | { readonly kind: "waiting" } | { readonly kind: "refused" } | undefined>;
  /** Ends by itself after `done`; ends early when `signal` aborts. */
  watchLookup(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly signal: AbortSignal;
  }): Promise<AsyncIterable<LookupEvent> | undefined>;

  /** Grants and audits, and moves waiting lookups of this resident that it permits. */
  grantConsent(request: {
    readonly caller: Caller;
    readonly resident: ResidentId;
    readonly grant: ConsentGrant;
  }): Promise<{ readonly kind: "granted"; readonly consent: ConsentState } | Wrong>;
  listConsents(request: { readonly caller: Caller; readonly resident: ResidentId }): Promise<readonly ConsentState[]>;
  /** Another resident's consent is as absent as one that never was. */
  withdrawConsent(request: {
    readonly caller: Caller;
    readonly resident: ResidentId;
    readonly id: string;
  }): Promise<ConsentState | undefined>;
  accessLog(request: { readonly caller: Caller; readonly resident: ResidentId }): Promise<AccessLog>;

  /** The policy as it stands on a day; undefined = no such region, version or item. */
  recognitionCatalogue(query: CatalogueQuery): Promise<CatalogueAnswer | undefined>;
  /** `wrong` = a side names no version and no day the policy covers. */
  compareCatalogues(
    query: CatalogueDiffQuery,
  ): Promise<{ readonly kind: "compared"; readonly difference: CatalogueDiff } | Wrong | undefined>;
  searchPublished(request: { readonly type: PublishedType; readonly search: PublishedSearch }): Promise<Bundle>;
  readPublished(request: { readonly type: PublishedType; readonly id: string }): Promise<Resource | undefined>;

  checkRecognition(request: {
    readonly caller: Caller;
    readonly check: RecognitionRequest;
    readonly signal: AbortSignal;
  }): Promise<{ readonly kind: "checked"; readonly answer: RecognitionAnswer } | Wrong>;
  /** What exists within the horizon, asked when the patient is identified. */
  recognitionHistory(request: {
    readonly caller: Caller;
    readonly asked: RecognitionHistoryRequest;
    readonly signal: AbortSignal;
  }): Promise<{ readonly kind: "found"; readonly answer: RecognitionHistory } | Wrong>;
  transcribeResult(request: {
    readonly caller: Caller;
    readonly typed: TranscribedRequest;
  }): Promise<{ readonly kind: "kept" } | Wrong>;
  /** Late answers of a check of the caller's institution; ends by itself after `done`, early when `signal` aborts. */
  watchCheck(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly signal: AbortSignal;
  }): Promise<AsyncIterable<CheckEvent> | undefined>;

  /** Answers to the reminders of a check of the caller's institution, each by itself; undefined = it made no such check. */
  recordOutcomes(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly given: OutcomesRequest;
  }): Promise<OutcomesAnswer["answers"] | undefined>;
  recognitionState(request: { readonly caller: Caller; readonly id: string }): Promise<RecognitionState | undefined>;
  /** What the caller's institution keeps about one visit. */
  listOutcomes(request: { readonly caller: Caller; readonly visit: string }): Promise<Bundle>;
  /** Faults that others reported of the caller's institution's results. */
  listReportedFaults(request: { readonly caller: Caller }): Promise<Bundle>;
  /** Appeals of all institutions, for the operator who reviews them. */
  listAppeals(request: { readonly caller: Caller }): Promise<Bundle>;
  tellUses(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly kind: "viewed" | "referenced";
    readonly given: UsesRequest;
  }): Promise<ToldAnswer["answers"] | undefined>;
  /** Throws `Fault("not-entitled")` for a caller without a practitioner: nothing is taken back in nobody's name. */
  objectToAnswers(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly code: "revoked" | "appealed";
    readonly given: ObjectionsRequest;
  }): Promise<ToldAnswer["answers"] | undefined>;
  reportFaults(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly given: FaultsRequest;
  }): Promise<ToldAnswer["answers"] | undefined>;

  /** The caller's institution's; an operator's are everybody's, without places. */
  listNotices(request: { readonly caller: Caller; readonly state: "open" | "acknowledged" | "all" }): Promise<NoticeList>;
  /** Undefined = the caller's institution has no such notice. */
  acknowledgeNotice(request: { readonly caller: Caller; readonly id: string }): Promise<Notice | undefined>;

  /** The figures of a period; throws `Fault("not-entitled")` when an institution asks for another's. */
  recognitionFigures(request: {
    readonly caller: Caller;
    readonly query: FiguresQuery;
  }): Promise<{ readonly kind: "read"; readonly figures: RecognitionFigures } | Wrong>;
  /** The same as MeasureReports. */
  figureReports(request: {
    readonly caller: Caller;
    readonly query: FiguresQuery;
  }): Promise<{ readonly kind: "read"; readonly reports: Bundle<MeasureReport> } | Wrong>;
  /** A return to an authority, filled; undefined = there is no such return. */
  fillReturn(request: {
    readonly name: string;
    readonly query: ReturnQuery;
  }): Promise<{ readonly kind: "read"; readonly filled: FilledReturn } | Wrong | undefined>;

  /** A one-time link to a page, for the practitioner the caller's token names. */
  makeLink(request: {
    readonly caller: Caller;
    readonly page: PageLink;
  }): Promise<{ readonly kind: "made"; readonly link: MadeLink } | Wrong>;

  /** The report behind a result that a check of the caller's institution showed: a disclosure of its own. undefined = it was not shown it. */
  readReport(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly result: { readonly order: string; readonly item?: string; readonly evidence: string };
  }): Promise<
    { readonly kind: "read"; readonly report: ReportShown } | { readonly kind: "refused" | "unavailable" } | undefined
  >;
  /** The reasons to examine again that are in use, in the order they are offered. */
  declineReasons(): Promise<PopupCheck["reasons"]>;
  listInstitutions(): Promise<Institutions["institutions"]>;
  /** How an imagined result would be decided, rule by rule; an institution asks for itself. */
  explainDecision(request: {
    readonly caller: Caller;
    readonly facts: ExplanationRequest;
  }): Promise<{ readonly kind: "explained"; readonly explanation: Explained } | Wrong>;

  /** undefined = there is no such service; `prefetch-missing` = the Patient was not sent. */
  callCdsService(request: {
    readonly caller: Caller;
    readonly service: string;
    readonly call: HookRequest;
    readonly signal: AbortSignal;
  }): Promise<
    | { readonly kind: "answered"; readonly cards: readonly ShownCard[] }
    | { readonly kind: "prefetch-missing" }
    | Wrong
    | undefined
  >;
  /** What became of each entry, in their order; undefined = there is no such service. */
  takeCdsFeedback(request: {
    readonly caller: Caller;
    readonly service: string;
    readonly feedback: FeedbackRequest["feedback"];
  }): Promise<readonly FeedbackState[] | undefined>;

  listReviews(request: { readonly caller: Caller }): Promise<IdentityReviewList>;
  /** `conflict` = it was answered before, or resolved itself. */
  answerReview(request: {
    readonly caller: Caller;
    readonly id: string;
    readonly answer: "same" | "different";
  }): Promise<{ readonly kind: "decided"; readonly decision: IdentityDecision } | { readonly kind: "conflict" } | undefined>;
  explainRecord(request: { readonly caller: Caller; readonly record: RecordKey }): Promise<IdentityExplanation | undefined>;
  /** Links to the person of the record in `with`; undefined when that record has none. */
  linkRecord(request: {
    readonly caller: Caller;
    readonly record: RecordKey;
    readonly with: RecordKey;
  }): Promise<IdentityDecision | undefined>;
  unlinkRecord(request: { readonly caller: Caller; readonly record: RecordKey }): Promise<IdentityDecision | undefined>;
  listDecisions(request: { readonly caller: Caller }): Promise<readonly IdentityDecision[]>;
  /** `conflict` = it was taken back before. */
  undoDecision(request: {
    readonly caller: Caller;
    readonly id: string;
  }): Promise<{ readonly kind: "decided"; readonly decision: IdentityDecision } | { readonly kind: "conflict" } | undefined>;

  /** A patient of the caller's institution, named by an identifier of its own. */
  registerPatient(request: {
    readonly caller: Caller;
    readonly key: { readonly system: string; readonly value: string };
    readonly patient: Patient;
  }): Promise<{ readonly kind: "created" | "updated" | "unchanged" }>;
  /** The institution's own patients that may be the one described. */
  matchPatients(request: { readonly caller: Caller; readonly patient: Patient }): Promise<Bundle>;
  /** Its other identifiers of the same person; undefined when it registered nobody under this one. */
  crossReference(request: {
    readonly caller: Caller;
    readonly key: { readonly system: string; readonly value: string };
  }): Promise<readonly { readonly system: string; readonly value: string }[] | undefined>;

  /** Whether the store and the queue answer now; itself bounded to 2 s and never throwing. */
  readiness(): Promise<Pick<Readiness, "store" | "queue">>;
  /** Writes the audit event of a refusal; when it cannot be written, the refusal stands and the fault is thrown. */
  refused(refusal: Refusal): Promise<void>;
  authenticationFailed(failures: FailedAuthentications): Promise<void>;
}
