import type { FhirStore } from "../../fhir/store.ts";
import type { Now } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import type { Scheduler } from "../../work/scheduler.ts";
import type { Landing } from "../landing.ts";
import type { FeedBook } from "./feed-book.ts";

/** What operators' work on mapping versions needs. */
export interface VersionDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
  readonly landing: Landing;
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly book: FeedBook;
  /** Folder of the shipped mappings: its tables and families complete an upload. */
  readonly shippedDir: string;
  readonly now: Now;
  readonly unique: () => string;
}
