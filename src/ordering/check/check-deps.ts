import type { AuditEvent } from "@medplum/fhirtypes";
import type { FoundConsents } from "../../consent/model.ts";
import type { ResourceAddress } from "../../fhir/reference.ts";
import type { FhirStore } from "../../fhir/store.ts";
import type { InstitutionCode, ResidentId } from "../../kernel/brand.ts";
import type { Now } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import type { Log } from "../../kernel/log.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import type { Certificates } from "../../recognition/certificates.ts";
import type { UnsupportedMark } from "../../recognition/decide.ts";
import type { Party } from "../../recognition/rules/rule.ts";
import type { AskDeps, SourceEndpoint } from "../../sources/ask-sources.ts";
import type { ReadGolden } from "../../sources/locate.ts";
import type { LateAnswers, LateNews } from "./late-answers.ts";

/** An institution as ordering needs it: what recognition asks of it, and where its data stand. */
interface OrderingInstitution extends Party {
  readonly endpoint: SourceEndpoint;
}

/** The region's policy and the laboratories' certificates; both may be up to a minute old, nothing of a resident ever is. */
export interface RecognitionData {
  readonly catalogue: Catalogue;
  readonly certificates: Certificates;
}

/** A mark that no certificate stands behind, as a check met it: which result carries it, in which version. */
export interface FlaggedMark extends UnsupportedMark {
  readonly about: ResourceAddress;
  readonly version: string;
  /** Id of the check that met it. */
  readonly check: string;
}

/** Everything the check needs of the world. */
export interface CheckDeps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly now: Now;
  readonly log: Log;
  readonly readGolden: ReadGolden;
  /** The active consents of a resident under all their golden ids, read fresh. */
  readonly consentsOf: (residents: readonly ResidentId[]) => Promise<FoundConsents>;
  readonly recognitionData: () => Promise<RecognitionData>;
  readonly institutionOf: (code: string) => OrderingInstitution | undefined;
  /** A new random id for what happens once. */
  readonly unique: () => string;
  /** The one sentence every answer carries, whether or not there is more. */
  readonly note: string;
  /** How long the hosted institutions may take together, and each other one by itself, in milliseconds. */
  readonly timeoutMs: number;
  /** How long an answer to a reminder is waited for, in milliseconds. */
  readonly answerWindowMs: number;
  /** Institutions with a server of their own, their caps and breakers. */
  readonly sources: Pick<AskDeps, "remote" | "gate">;
  readonly late: LateAnswers;
  readonly news: LateNews;
  /** Commits the event of a check; without it nothing may be shown. Throws `Fault("store-down")`. */
  readonly record: (event: AuditEvent) => Promise<void>;
  /** Hands unsupported marks to the quality centres (第十二条); never waited for. */
  readonly flagged: (marks: readonly FlaggedMark[]) => Promise<void>;
  /** Tells the ordering institution that a source answered after its check; never waited for. */
  readonly arrivedLate: (late: { readonly check: string; readonly institution: InstitutionCode }) => Promise<void>;
}
