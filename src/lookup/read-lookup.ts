import type { Task } from "@medplum/fhirtypes";
import type { ResourceId } from "../kernel/brand.ts";
import { taskKindOf } from "../work/task.ts";
import { coverageNote } from "./answer-bundle.ts";
import { institutionsIn, judgeLookup } from "./judge-lookup.ts";
import { type Asker, askerOf, lookupOf, type SourceLine } from "./lookup.ts";
import type { LookupDeps } from "./lookup-deps.ts";

/** A lookup as its asker may see it; `lines` only while consent permits it and once it is closed. */
export interface LookupView {
  readonly id: ResourceId;
  readonly status: "waiting" | "running" | "completed" | "failed";
  readonly lines: readonly (SourceLine & { readonly name: string })[];
  readonly note: string;
}

/** Which lookup, and who reads it. */
export interface LookupAddress {
  readonly id: string;
  readonly reader: Asker;
}

/**
 * The state of a lookup, for the institution that asked; undefined for everybody else, as for an id that never was. A lookup whose
 * consent was withdrawn looks exactly like one that never got any: it waits until its answer window is over.
 */
export async function readLookup(deps: LookupDeps, address: LookupAddress): Promise<LookupView | undefined> {
  const task = await ownLookup(deps, address);
  if (task === undefined) return undefined;
  const lookup = lookupOf(task);
  const judged = await judgeLookup(deps, lookup);
  const view = (status: LookupView["status"], lines: LookupView["lines"] = []) => ({
    id: lookup.id,
    status,
    lines,
    note: coverageNote,
  });
  if (judged.kind === "deny") return view(deps.now() < lookup.waitsUntil ? "waiting" : "failed");
  const permitted = institutionsIn(judged.patients);
  const lines = lookup.lines.filter((line) => permitted.includes(line.source));
  return view(
    statusOf(task),
    lines.map((line) => ({ ...line, name: deps.nameOf(line.source) })),
  );
}

/** The Task of a lookup, for the institution that asked; nobody else learns that it exists. */
export async function ownLookup(deps: Pick<LookupDeps, "store">, { id, reader }: LookupAddress): Promise<Task | undefined> {
  const task = await deps.store.read("DEFAULT", "Task", id);
  return task !== undefined && taskKindOf(task) === "lookup" && askerOf(task) === reader.institution ? task : undefined;
}

function statusOf(task: Task): LookupView["status"] {
  if (task.status === "on-hold") return "waiting";
  if (task.status === "completed" || task.status === "failed") return task.status;
  return "running";
}
