import type { Resource } from "@medplum/fhirtypes";
import { compareResources, type ElementChange } from "./compare-resources.ts";
import type { MappedResource, MappedSheet, MappingReport } from "./mapped.ts";

/** How many of something two mappings made alike, differently, or only one of them. */
export interface Compared {
  readonly same: number;
  readonly changed: number;
  readonly added: number;
  readonly lost: number;
}

/** What another version of a mapping changes for the same files: counts only, nothing personal. */
export interface MappingDifference {
  readonly exports: number;
  readonly sheets: Compared;
  /** Resources by type. */
  readonly resources: Readonly<Record<string, Compared>>;
  /** Resources in which an element is new, other or gone, by element (`Observation.valueQuantity.unit`; `Observation.$state`: withdrawn or not; `….$order`: which issue is later). */
  readonly elements: Readonly<Record<string, Omit<Compared, "same">>>;
  readonly rows: { readonly before: RowTotals; readonly after: RowTotals };
  /** Issues by code. */
  readonly issues: { readonly before: Readonly<Record<string, number>>; readonly after: Readonly<Record<string, number>> };
  /** Sheets whose partner came too late to be compared: they count as lost and added. */
  readonly unpaired: number;
}

interface RowTotals {
  readonly mapped: number;
  readonly skipped: number;
}

/** One resource that differs; for those who may see the values. */
export interface ResourceChange {
  readonly ref: string;
  readonly kind: "added" | "changed" | "lost";
  readonly file: string;
  readonly line: number;
  readonly elements: readonly ElementChange[];
}

/** A mapping that runs: what it yields, and its counts when it has ended. */
interface Running {
  readonly events: AsyncIterable<{ readonly kind: string } & Partial<{ readonly sheet: MappedSheet }>>;
  report(): MappingReport;
}

/** Sheets held back because the other side has not brought theirs yet; more are given up, so that memory stays flat. */
const mostWaiting = 20_000;

/** Maps the same files twice, side by side, and compares sheet with sheet. `tell` sees each resource that differs. */
export async function diffMappings(
  before: Running,
  after: Running,
  tell: (change: ResourceChange) => void = () => {},
): Promise<MappingDifference> {
  const tally = createTally(tell);
  const old = sheetsOf(before);
  const fresh = sheetsOf(after);
  const waiting = { old: new Map<string, MappedSheet[]>(), fresh: new Map<string, MappedSheet[]>() };
  for (let ended = 0; ended < 2; ) {
    const [one, other] = await Promise.all([old.next(), fresh.next()]);
    ended = Number(one.done === true) + Number(other.done === true);
    if (one.done !== true) meet(one.value, waiting.fresh, waiting.old, (partner) => tally.pair(one.value, partner));
    if (other.done !== true) meet(other.value, waiting.old, waiting.fresh, (partner) => tally.pair(partner, other.value));
    if (waiting.old.size + waiting.fresh.size > mostWaiting) tally.giveUp(waiting);
  }
  tally.rest(waiting);
  return tally.result(before.report(), after.report());
}

async function* sheetsOf(run: Running): AsyncGenerator<MappedSheet> {
  for await (const event of run.events) if (event.kind === "sheet" && event.sheet !== undefined) yield event.sheet;
}

type Waiting = Map<string, MappedSheet[]>;

/** Pairs a sheet with the first waiting one of its name, or lets it wait. */
function meet(sheet: MappedSheet, others: Waiting, own: Waiting, pair: (partner: MappedSheet) => void): void {
  const key = `${sheet.tenant}/${sheet.head}`;
  const partners = others.get(key);
  const partner = partners?.shift();
  if (partners?.length === 0) others.delete(key);
  if (partner !== undefined) pair(partner);
  else own.set(key, [...(own.get(key) ?? []), sheet]);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function createTally(tell: (change: ResourceChange) => void) {
  const none = (): Mutable<Compared> => ({ same: 0, changed: 0, added: 0, lost: 0 });
  const sheets = none();
  const resources: Record<string, Mutable<Compared>> = {};
  const elements: Record<string, Mutable<Omit<Compared, "same">>> = {};
  let unpaired = 0;
  const only = (member: MappedResource, kind: "added" | "lost") => {
    of(resources, member.resource.resourceType, none)[kind]++;
    tell({ ...placeOf(member), kind, elements: [] });
  };
  const both = (before: MappedResource, after: MappedResource, moved: boolean): boolean => {
    const type = after.resource.resourceType;
    const changes: ElementChange[] = [...compareResources(before.resource, after.resource)];
    if (before.state !== after.state)
      changes.push({ element: `${type}.$state`, kind: "changed", before: before.state, after: after.state });
    if (moved) changes.push({ element: `${type}.$order`, kind: "changed" });
    of(resources, type, none)[changes.length === 0 ? "same" : "changed"]++;
    for (const { element, kind } of changes) of(elements, element, () => ({ changed: 0, added: 0, lost: 0 }))[kind]++;
    if (changes.length > 0) tell({ ...placeOf(after), kind: "changed", elements: changes });
    return changes.length === 0;
  };
  const alone = (waiting: Waiting, kind: "added" | "lost") => {
    for (const sheet of [...waiting.values()].flat()) {
      sheets[kind]++;
      for (const member of sheet.members) only(member, kind);
    }
    waiting.clear();
  };
  const rest = (waiting: { old: Waiting; fresh: Waiting }) => {
    alone(waiting.old, "lost");
    alone(waiting.fresh, "added");
  };
  return {
    pair(before: MappedSheet, after: MappedSheet) {
      const old = new Map(before.members.map((member) => [refOf(member.resource), member]));
      let same = true;
      for (const member of after.members) {
        const partner = old.get(refOf(member.resource));
        old.delete(refOf(member.resource));
        if (partner === undefined) only(member, "added");
        same = partner !== undefined && both(partner, member, before.order !== after.order) && same;
      }
      for (const member of old.values()) only(member, "lost");
      sheets[same && old.size === 0 ? "same" : "changed"]++;
    },
    giveUp(waiting: { old: Waiting; fresh: Waiting }) {
      unpaired += waiting.old.size + waiting.fresh.size;
      rest(waiting);
    },
    rest,
    result: (before: MappingReport, after: MappingReport): MappingDifference => ({
      exports: 1,
      sheets,
      resources,
      elements,
      rows: { before: totalsOf(before), after: totalsOf(after) },
      issues: { before: before.issues, after: after.issues },
      unpaired,
    }),
  };
}

function of<T>(record: Record<string, T>, name: string, none: () => unknown): T {
  const found = record[name] ?? (none() as T);
  record[name] = found;
  return found;
}

function refOf(resource: Resource): string {
  return `${resource.resourceType}/${resource.id}`;
}

function placeOf({ resource, file, line }: MappedResource): Pick<ResourceChange, "ref" | "file" | "line"> {
  return { ref: refOf(resource), file, line };
}

function totalsOf({ rows }: MappingReport): RowTotals {
  const all = Object.values(rows);
  const sum = (name: "mapped" | "skipped") => all.reduce((total, one) => total + one[name], 0);
  return { mapped: sum("mapped"), skipped: sum("skipped") };
}
