import type { Task } from "@medplum/fhirtypes";
import type { FhirStore, SearchParams } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { taskKindTokens } from "../work/task.ts";
import { progressOf } from "./export-task.ts";
import { type FeedLag, type FeedLags, feedLagOf } from "./feed-lag.ts";
import type { Counts } from "./ledger.ts";
import { type PullState, readPullState } from "./pull-state.ts";

/** How a feed fares, for operators and its supplier: counts, times and ids, nothing of a person. */
export interface FeedState {
  readonly feed: string;
  /** Exports that are stored and not worked through yet; at most 199 are counted, then `more`. */
  readonly waiting: { readonly exports: number; readonly more: boolean };
  readonly lastExport?: ExportEnd;
  readonly lastSuccess?: ExportEnd & { readonly counts?: Counts };
  readonly lag?: FeedLag;
  readonly pull?: Pick<PullState, "watermarks" | "dueAt" | "failures" | "failed">;
}

interface ExportEnd {
  readonly id: string;
  readonly at: string;
  readonly status: string;
}

/** What telling it needs. */
export interface FeedStateDeps {
  readonly store: FhirStore;
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly lags: FeedLags;
}

const mostCounted = 199;
/** Among how many of the latest exports the last success is looked for. */
const mostAsked = 20;

/** The state of these feeds, each by a few bounded searches. */
export async function feedStates(deps: FeedStateDeps, feeds: readonly string[]): Promise<FeedState[]> {
  const states: FeedState[] = [];
  for (const feed of feeds) states.push(await stateOf(deps, feed));
  return states;
}

async function stateOf(deps: FeedStateDeps, feed: string): Promise<FeedState> {
  const exports = (params: SearchParams, limit: number) =>
    deps.store.search(
      "DEFAULT",
      "Task",
      { code: taskKindTokens("ingest"), "hutong-focus": `${systems.feed}|${feed}`, _sort: "-_lastUpdated", ...params },
      limit,
    );
  const [waiting, last, success, seconds, pull] = await Promise.all([
    exports({ status: "requested,in-progress", _elements: "id" }, mostCounted),
    exports({}, 1),
    exports({ status: "completed" }, mostAsked),
    deps.lags.of(feed),
    readPullState(deps, feed),
  ]);
  const lag = feedLagOf(seconds);
  const [lastTask] = last.resources;
  const goodTask = success.resources.find(broughtSomething);
  const counts = goodTask === undefined ? undefined : progressOf(goodTask)?.counts;
  return {
    feed,
    waiting: { exports: waiting.resources.length, more: waiting.more },
    ...(lastTask === undefined ? {} : { lastExport: endOf(lastTask) }),
    ...(goodTask === undefined ? {} : { lastSuccess: { ...endOf(goodTask), ...(counts === undefined ? {} : { counts }) } }),
    ...(lag === undefined ? {} : { lag }),
    ...(pull === undefined ? {} : { pull }),
  };
}

/** An export of which nothing could be read ends too, and is no success. */
function broughtSomething(task: Task): boolean {
  const { created = 0, updated = 0, unchanged = 0, older = 0 } = progressOf(task)?.counts ?? {};
  return created + updated + unchanged + older > 0;
}

function endOf(task: Task): ExportEnd {
  return { id: task.id ?? "", at: task.lastModified ?? task.authoredOn ?? "", status: task.status };
}
