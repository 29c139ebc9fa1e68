import type { Task } from "@medplum/fhirtypes";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import { pause } from "../kernel/clock.ts";
import { type Judged, judgeLookup } from "./judge-lookup.ts";
import type { Lookup } from "./lookup.ts";
import type { LookupDeps, News } from "./lookup-deps.ts";

/** How long anybody trusts silence before looking again: a word may be lost. */
const lookAgainMs = 1_000;

/** Somebody's ear for one lookup: a word that came while nobody waited is not missed. */
export interface Ear {
  /** Resolves with the next word, or with nothing after a second or when the signal aborts. `status` outranks `source`. */
  next(signal: AbortSignal): Promise<News | undefined>;
  close(): void;
}

/** Listens to the words about a lookup. */
export async function listen(deps: LookupDeps, lookup: ResourceId): Promise<Ear> {
  let heard: News | undefined;
  let waking = new AbortController();
  const close = await deps.progress.listen(lookup, (news) => {
    heard = heard === "status" ? heard : news;
    waking.abort();
  });
  return {
    async next(signal) {
      await pause(lookAgainMs, AbortSignal.any([waking.signal, signal]));
      const news = heard;
      heard = undefined;
      waking = new AbortController();
      return news;
    },
    close,
  };
}

/**
 * Waits until all these sources answered (never true of none): then true. False when the lookup was closed before, or the signal aborts.
 * For a lookup that was open a moment ago.
 */
export async function untilAnswered(
  deps: LookupDeps,
  of: { readonly lookup: ResourceId; readonly sources: readonly InstitutionCode[] },
  signal: AbortSignal,
): Promise<boolean> {
  const ear = await listen(deps, of.lookup);
  try {
    for (let news: News | undefined = "source"; !signal.aborted; news = await ear.next(signal)) {
      if (of.sources.length > 0 && haveAll(await deps.answers.sources(of.lookup), of.sources)) return true;
      // The store is not asked at every answer, only when the lookup moved or nothing was heard for long.
      if (news !== "source" && !isOpen(await deps.store.read("DEFAULT", "Task", of.lookup))) return false;
    }
    return false;
  } finally {
    ear.close();
  }
}

function haveAll(there: readonly InstitutionCode[], wanted: readonly InstitutionCode[]): boolean {
  return wanted.every((source) => there.includes(source));
}

/** Whether work on it may still come. */
export function isOpen(task: Task | undefined): boolean {
  return task !== undefined && ["on-hold", "requested", "in-progress"].includes(task.status);
}

/** Aborts when the reader waits no longer; at once for one who does not wait. */
export function patienceOf({ waitMs, signal }: { readonly waitMs?: number; readonly signal?: AbortSignal }): AbortSignal {
  if (waitMs === undefined) return AbortSignal.abort();
  return AbortSignal.any([AbortSignal.timeout(waitMs), ...(signal === undefined ? [] : [signal])]);
}

/** Who waits, waits for consent too, whatever became of the lookup meanwhile: a withdrawn one is waited for like one never permitted. */
export async function judgePatiently(deps: LookupDeps, lookup: Lookup, until: AbortSignal): Promise<Judged> {
  let judged = await judgeLookup(deps, lookup);
  if (judged.kind === "permit" || until.aborted) return judged;
  const ear = await listen(deps, lookup.id);
  try {
    while (judged.kind === "deny" && !until.aborted) {
      await ear.next(until);
      judged = await judgeLookup(deps, lookup);
    }
  } finally {
    ear.close();
  }
  return judged;
}
