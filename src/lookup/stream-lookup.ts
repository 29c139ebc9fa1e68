import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import type { SourceLine } from "./lookup.ts";
import type { LookupDeps } from "./lookup-deps.ts";
import { listen } from "./news.ts";
import { type LookupAddress, type LookupView, ownLookup, readLookup } from "./read-lookup.ts";
import { type Released, releaseLookup } from "./release-lookup.ts";

/** How long one stream stays open at most, in milliseconds; the client opens another one. */
const longestMs = 300_000;

/** What a stream tells: a source's line, its block of data (a reading of its own), and at last how the lookup stands. */
export type LookupEvent =
  | { readonly event: "line"; readonly data: SourceLine & { readonly name: string } }
  | { readonly event: "block"; readonly data: { readonly source: InstitutionCode; readonly reading: Released } }
  | { readonly event: "done"; readonly data: LookupView };

/** Tells a lookup's answers source by source as they arrive. Undefined when there is no such lookup for this reader. */
export async function streamLookup(
  deps: LookupDeps,
  request: LookupAddress & { readonly signal: AbortSignal },
): Promise<AsyncIterable<LookupEvent> | undefined> {
  if ((await ownLookup(deps, request)) === undefined) return undefined;
  return eventsOf(deps, request);
}

async function* eventsOf(deps: LookupDeps, request: LookupAddress & { signal: AbortSignal }): AsyncGenerator<LookupEvent> {
  const id = request.id as ResourceId;
  const end = AbortSignal.any([request.signal, AbortSignal.timeout(longestMs)]);
  const told = new Set<InstitutionCode>();
  const ear = await listen(deps, id);
  try {
    for (;;) {
      const view = await readLookup(deps, request);
      if (view === undefined) return;
      const untold = (await arrived(deps, view)).filter((source) => !told.has(source));
      const isOver = untold.length === 0 && (view.status === "completed" || view.status === "failed");
      if (isOver || end.aborted) return yield { event: "done", data: view };
      const before = told.size;
      for (const source of untold) {
        // One after another: each is checked, audited and sent before the next is asked for, however slowly the client reads.
        const reading = await releaseLookup(deps, { ...request, source });
        if (reading?.kind !== "released") break;
        told.add(source);
        yield* tell(deps, source, reading);
      }
      if (told.size === before) await ear.next(end);
    }
  } finally {
    ear.close();
  }
}

/** Whose answers can be read by now. Nothing of a lookup that waits, so that a withdrawn one is as silent as one that never ran. */
async function arrived(deps: LookupDeps, view: LookupView): Promise<readonly InstitutionCode[]> {
  if (view.status === "running") return await deps.answers.sources(view.id);
  return view.lines.map((line) => line.source);
}

/** A source's line and, when there is data, its block, which counts as sent when the consumer asks for the next event. */
async function* tell(deps: LookupDeps, source: InstitutionCode, reading: Released): AsyncGenerator<LookupEvent> {
  const { bundle, lines, ended } = reading;
  let how: "sent" | "left" = "left";
  try {
    for (const line of lines) yield { event: "line", data: { ...line, name: deps.nameOf(line.source) } };
    if (bundle.total !== 0) yield { event: "block", data: { source, reading } };
    how = "sent";
  } finally {
    await ended(how);
  }
}
