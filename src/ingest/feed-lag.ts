import type { Resource } from "@medplum/fhirtypes";
import type { FhirStore, Write } from "../fhir/store.ts";
import type { Now } from "../kernel/clock.ts";
import type { IngestDeps } from "./ingest-deps.ts";

/** How long reports took from their review in the hospital (`DiagnosticReport.issued`) to being readable here: seconds, 50th and 95th percentile of the last ones. */
export interface FeedLag {
  readonly reports: number;
  readonly p50Seconds: number;
  readonly p95Seconds: number;
}

/** Where lags are kept, a bounded number of the last ones for each feed; they are figures for operators, not records. */
export interface FeedLags {
  add(feed: string, seconds: readonly number[]): Promise<void>;
  /** In any order; none when nothing is known. */
  of(feed: string): Promise<readonly number[]>;
}

/**
 * The same ingest, but `told` learns the lag of every report it creates, at the moment its transaction is committed: from then on a lookup finds it. Re-issues
 * and rows that only change are not counted. For one run of one export.
 */
export function measureLag(deps: IngestDeps, told: (feed: string, seconds: readonly number[]) => void): IngestDeps {
  let feed = "";
  const commit: FhirStore["commit"] = async (tenant, writes, options) => {
    const outcome = await deps.store.commit(tenant, writes, options);
    if (outcome.kind === "committed" && options?.createOnly === true) {
      const seconds = writes.flatMap((write) => lagOf(write, deps.now));
      if (seconds.length > 0) told(feed, seconds);
    }
    return outcome;
  };
  return {
    ...deps,
    store: { ...deps.store, commit },
    mapExport(name, ...rest) {
      feed = name;
      return deps.mapExport(name, ...rest);
    },
  };
}

/** Percentiles of lags in any order. */
export function feedLagOf(seconds: readonly number[]): FeedLag | undefined {
  if (seconds.length === 0) return undefined;
  const sorted = [...seconds].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { reports: sorted.length, p50Seconds: at(0.5), p95Seconds: at(0.95) };
}

function lagOf({ resource }: Write, now: Now): number[] {
  const issued = issuedOf(resource);
  const reviewedAt = issued === undefined ? Number.NaN : Date.parse(issued);
  return Number.isNaN(reviewedAt) ? [] : [Math.max(0, Math.round((now().getTime() - reviewedAt) / 1000))];
}

function issuedOf(resource: Resource): string | undefined {
  return resource.resourceType === "DiagnosticReport" ? resource.issued : undefined;
}
