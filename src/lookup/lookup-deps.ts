import type { FoundConsents } from "../consent/model.ts";
import type { FhirStore } from "../fhir/store.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { Log } from "../kernel/log.ts";
import type { SourceAnswer } from "../sources/answer.ts";
import type { AskDeps } from "../sources/ask-sources.ts";
import type { ReadGolden } from "../sources/locate.ts";
import type { Scheduler } from "../work/scheduler.ts";

/**
 * Port to the sealed copies of answers. They live for a while and may vanish at any time, which costs asking the source again and
 * nothing else; so no method throws when the store behind it is down.
 */
export interface SealedAnswers {
  /** Keeps one source's answer, encrypted, in place of an earlier one. */
  keep(lookup: ResourceId, answer: SourceAnswer): Promise<void>;
  /** Those that are still there; of one source only when it is named. */
  kept(lookup: ResourceId, source?: InstitutionCode): Promise<readonly SourceAnswer[]>;
  /** Whose answers are still there. */
  sources(lookup: ResourceId): Promise<readonly InstitutionCode[]>;
  /** Runs `ask` unless the same source is being asked for this lookup already: then waits for that answer. */
  /** Drops every copy of a lookup's answers: the next reading asks again. Never throws; with the store of copies down there are none to read. */
  forget(lookup: ResourceId): Promise<void>;
  once(lookup: ResourceId, source: InstitutionCode, ask: () => Promise<SourceAnswer>): Promise<SourceAnswer>;
}

/** What is new about a lookup: one more source answered; or its status moved. */
export type News = "source" | "status";

/** Port to the word that something about a lookup is new. It may be lost: whoever listens also looks from time to time. Never throws. */
export interface Progress {
  tell(lookup: ResourceId, news: News): Promise<void>;
  /** `heard` is called at each word until the returned function is. Resolves when listening has begun, or cannot. */
  listen(lookup: ResourceId, heard: (news: News) => void): Promise<() => void>;
}

/** Everything a lookup needs of the world. */
export interface LookupDeps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly now: Now;
  readonly log: Log;
  readonly scheduler: Scheduler;
  /** The active consents of a resident under all their golden ids, read fresh. */
  readonly consentsOf: (residents: readonly ResidentId[]) => Promise<FoundConsents>;
  /** A resident's golden Patient, every replacement followed. */
  readonly readGolden: ReadGolden;
  readonly sources: AskDeps;
  readonly answers: SealedAnswers;
  readonly progress: Progress;
  /** Name of an institution as the registry has it. */
  readonly nameOf: (institution: InstitutionCode) => string;
  /** A new random id for what happens once: one reading, one refusal. */
  readonly unique: () => string;
  /** Address under which this platform is known; released resources stand under it. */
  readonly publicUrl: string;
  /** How long a lookup waits for a consent, in milliseconds. */
  readonly answerWindowMs: number;
}
