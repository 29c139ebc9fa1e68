import type { Library } from "@medplum/fhirtypes";
import type { FhirStore } from "../../fhir/store.ts";
import type { Log } from "../../kernel/log.ts";
import type { Feed } from "../../mapping/compile-feed.ts";
import { compileVersion } from "./compile-version.ts";
import { versionOf } from "./version.ts";

/** The feeds that count now: those shipped in the folder of mappings, each outranked by its activated version. */
export interface FeedBook {
  /** By name; always the same map, which changes in place: whoever holds it sees what counts now. */
  readonly feeds: ReadonlyMap<string, Feed>;
  /** A stored version, whatever its status; undefined when there is none or it cannot be compiled (any more). Throws `Fault("store-down")`. */
  version(id: string): Promise<Feed | undefined>;
  /** Asks the store which versions are active. Two callers share one question unless it was asked before they came. Throws `Fault("store-down")`. */
  refresh(): Promise<void>;
}

/** A book that starts with the shipped feeds; `refresh` brings what was activated. */
export function createFeedBook(deps: {
  readonly shipped: ReadonlyMap<string, Feed>;
  readonly store: Pick<FhirStore, "read" | "searchAll">;
  readonly log: Log;
}): FeedBook {
  const { shipped, store, log } = deps;
  // A version's content never changes, so what was compiled once is kept.
  const compiled = new Map<string, Promise<Feed | undefined>>();
  let active = "";
  const feeds = new Map(shipped);
  let asking: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const version = (id: string): Promise<Feed | undefined> => {
    const known = compiled.get(id) ?? compile(store, log, id);
    compiled.set(id, known);
    known.then(
      (feed) => feed === undefined && compiled.delete(id),
      () => compiled.delete(id),
    );
    return known;
  };
  const ask = async (): Promise<void> => {
    const found = await store.searchAll("DEFAULT", "Library", {
      status: "active",
      _elements: "id,identifier,status",
    });
    const ids = found.flatMap((library) => versionOf(library)?.id ?? []).sort();
    if (ids.join() === active) return;
    const outranking = await Promise.all(ids.map(version));
    feeds.clear();
    for (const [name, feed] of shipped) feeds.set(name, feed);
    for (const feed of outranking) if (feed !== undefined) feeds.set(feed.name, feed);
    active = ids.join();
    log.info({ versions: ids, feeds: [...feeds.keys()] }, "mapping versions changed");
  };
  const start = () => {
    asking = ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  return {
    feeds,
    version,
    refresh() {
      if (asking === undefined) return start();
      // The question under way may have been answered before the caller's activation: one more follows it, shared by all who come meanwhile.
      next ??= asking
        .catch(() => {})
        .then(() => {
          next = undefined;
          return start();
        });
      return next;
    },
  };
}

async function compile(store: Pick<FhirStore, "read">, log: Log, id: string): Promise<Feed | undefined> {
  const library: Library | undefined = await store.read("DEFAULT", "Library", id);
  const stored = library === undefined ? undefined : versionOf(library);
  if (stored === undefined) return undefined;
  const outcome = await compileVersion(stored.feed, stored.files);
  if (outcome.kind === "compiled") return outcome.feed;
  log.error(
    { version: id, feed: stored.feed, problems: outcome.problems.length },
    "a stored mapping version does not compile; the shipped one counts",
  );
  return undefined;
}
