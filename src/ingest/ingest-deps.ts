import type { FhirStore } from "../fhir/store.ts";
import type { Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type {
  ExportFile,
  MapOptions,
  MappedMerge,
  MappedSheet,
  MappingReport,
  OrphanRow,
  RowIssue,
} from "../mapping/mapped.ts";
import type { Scheduler } from "../work/scheduler.ts";
import type { CheckResource } from "./check-sheet.ts";
import type { FeedTurns } from "./feed-turns.ts";
import type { Landing } from "./landing.ts";
import type { IdentityPort } from "./write-deps.ts";
import type { WriteLimits } from "./write-sheets.ts";

/** An export being mapped: its sheets and issues in the order of the files, the same every time, and the counts at the end. */
export interface MappingRun {
  readonly events: AsyncIterable<
    | { readonly kind: "sheet"; readonly sheet: MappedSheet }
    | { readonly kind: "issue"; readonly issue: RowIssue }
    | { readonly kind: "orphan"; readonly orphan: OrphanRow }
    | { readonly kind: "merge"; readonly merge: MappedMerge }
  >;
  report(): MappingReport;
  /** Names what maps: sheets are in the same places only in two runs of one mapping. Absent = always the same. */
  readonly mapping?: string;
  /** How much of the files' bytes has been read, 0 to 100, where it is known. */
  percent?(): number;
}

/** What running an ingest needs. */
export interface IngestDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
  readonly landing: Landing;
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly identity: IdentityPort;
  /** Starts mapping the files of a feed; undefined when no such feed is loaded. */
  readonly mapExport: (feed: string, files: readonly ExportFile[], options?: MapOptions) => MappingRun | undefined;
  /** What is wrong with a resource before it is written, by its profile; absent = nothing is asked. */
  readonly check?: CheckResource;
  /** Whether rows of this feed may come in another export than their sheet; absent = they may. */
  readonly mayWait?: (feed: string) => boolean;
  /** Lets no feed take every place of this process; absent = no limit. */
  readonly turns?: FeedTurns;
  readonly now: Now;
  readonly limits: WriteLimits & {
    /** Longest time between two checkpoints, ms. */
    readonly checkpointMs: number;
    /** How long a failed run tries to give its attempt back while the store is away, ms. */
    readonly giveBackMs: number;
  };
}
