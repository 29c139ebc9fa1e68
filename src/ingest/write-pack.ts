import type { Patient, Resource } from "@medplum/fhirtypes";
import type { FhirStore, Write } from "../fhir/store.ts";
import type { InstitutionCode, ResourceId, Tenant } from "../kernel/brand.ts";
import { pause } from "../kernel/clock.ts";
import { asFault, Fault } from "../kernel/fault.ts";
import type { PersonFacts } from "../mapping/mapped.ts";
import { isolateRefused, withoutRefused } from "./isolate-refused.ts";
import type { KnownParents } from "./known-parents.ts";
import type { Ledger } from "./ledger.ts";
import type { Pace } from "./pace.ts";
import { decidingElements, type Fate, type Plan, planSheet, type Stored, storedFrom } from "./plan-writes.ts";
import { type Origin, provenanceOf } from "./provenance.ts";
import { listNames, type Row, type Sheet } from "./sheet.ts";

/** A person to be linked once their Patient is stored. */
export interface Person {
  readonly tenant: InstitutionCode;
  readonly patientId: ResourceId;
  readonly facts: PersonFacts;
}

/** What ingest needs of identity. */
export interface IdentityPort {
  /** The Patient with its numbers and phones sealed; the same every time. */
  seal(patient: Patient, facts: PersonFacts): Patient;
  /** Links people whose Patients are stored; one answer each, in order: its kind is counted (`linked`, `review`, `provisional`, …). */
  link(people: readonly Person[]): Promise<readonly { readonly kind: string }[]>;
}

/** One run of one export, as its writes see it. */
export interface WriteDeps {
  readonly store: FhirStore;
  readonly identity: IdentityPort;
  readonly computeId: (...parts: readonly string[]) => string;
  readonly origin: Origin;
  readonly ledger: Ledger;
  readonly parents: KnownParents;
  readonly pace: Pace;
  /** Resources the store refused in this run: no report may name them. */
  readonly refused: Set<string>;
  /** Takes a sheet whose stored rows must follow its head; judged when the export ends. */
  readonly settleLater: (sheet: Sheet) => void;
  /** Rows already counted, so that a second try counts nothing twice. */
  readonly counted: WeakSet<Row>;
}

/** How often a race with other writers is met with a fresh reading; fewer times when nobody else is seen to write. */
const rounds = 10;
const roundsAlone = 3;

/**
 * Writes sheets of one tenant that fit one transaction: parents made sure of, then create-only or compare and update, then people linked.
 * What the store refuses is narrowed down to the row and becomes an issue; the rest is stored. Throws `Fault("store-down")`.
 */
export async function writePack(deps: WriteDeps, sheets: readonly Sheet[]): Promise<void> {
  const clean = deps.refused.size === 0 ? sheets : sheets.map((sheet) => withoutRefused(deps, sheet));
  try {
    await storePack(deps, clean);
  } catch (error) {
    const { code } = asFault(error);
    if (code !== "store-refused" && code !== "conflict" && code !== "too-large") throw error;
    await isolateRefused(deps, clean, { fault: asFault(error), write: (some) => writePack(deps, some) });
  }
}

async function storePack(deps: WriteDeps, sheets: readonly Sheet[]): Promise<void> {
  const tenant = sheets[0]?.tenant;
  if (tenant === undefined) return;
  const own = new Set(sheets.flatMap(writtenRefs));
  const outside = sheets.flatMap((sheet) => sheet.parents.filter(({ type, id }) => !own.has(`${type}/${id}`)));
  deps.ledger.count(placeOf(sheets), "stubs", await deps.parents.ensure(tenant, outside));
  const fates = await commitPlanned(deps, tenant, sheets);
  deps.parents.remember(tenant, own);
  await linkPeople(deps, sheets, fates);
}

async function commitPlanned(deps: WriteDeps, tenant: Tenant, sheets: readonly Sheet[]): Promise<ReadonlyMap<Row, Fate>> {
  let reads = deps.pace.readsFirst();
  const seen = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const stored = reads ? await readStored(deps.store, tenant, sheets) : new Map<string, Stored>();
    if (reads && round === 0) deps.pace.found(stored.size > 0);
    const plans = sheets.map((sheet) => planSheet(sheet, (ref) => stored.get(ref)));
    const written = await commitPlans(deps, tenant, sheets, plans);
    if (written && !plans.some((plan) => plan.verify)) return new Map(plans.flatMap((plan) => [...plan.fates]));
    if (!reads) deps.pace.conflicted();
    else if (!written) {
      const versions = [...stored].map(([ref, { version }]) => `${ref} ${version}`).join();
      seen.set(versions, (seen.get(versions) ?? 0) + 1);
      // A conflict with nobody: an id that stands in another partition, or content that the database cannot take.
      if (seen.get(versions) === roundsAlone) break;
      await pause(20 * (round + 1) * (0.5 + Math.random()));
    }
    reads = true;
  }
  throw new Fault("conflict");
}

/** New and newer go in two transactions, since create-only holds for a whole one. False when somebody else was faster. */
async function commitPlans(
  deps: WriteDeps,
  tenant: Tenant,
  sheets: readonly Sheet[],
  plans: readonly Plan[],
): Promise<boolean> {
  const fates = new Map(plans.flatMap((plan) => [...plan.fates]));
  const sent = async (fate: Fate, writes: readonly Write[]): Promise<boolean> => {
    if (writes.length === 0) return true;
    const resources = writes.map((write) => write.resource);
    const rows = [...fates].filter(([, mine]) => mine === fate).map(([row]) => row);
    const provenance = provenanceOf(deps.origin, { tenant, resources, rows }, deps.computeId);
    const all: Write[] = [...writes, { kind: "put", resource: provenance }];
    const outcome = await deps.store.commit(tenant, all, { createOnly: fate === "created" });
    if (outcome.kind === "committed") countRows(deps, sheets, fates, (mine) => mine === fate);
    return outcome.kind === "committed";
  };
  const creates = plans.flatMap((plan) => plan.creates).map((resource) => ({ kind: "put", resource }) as const);
  if (!(await sent("created", creates))) return false;
  const updates = plans.flatMap((plan) => plan.updates);
  if (!(await sent("updated", updates))) return false;
  countRows(deps, sheets, fates, () => true);
  plans.forEach((plan, index) => {
    const sheet = sheets[index];
    if (plan.settle && sheet !== undefined) deps.settleLater(sheet);
  });
  return true;
}

function countRows(
  deps: WriteDeps,
  sheets: readonly Sheet[],
  fates: ReadonlyMap<Row, Fate>,
  which: (fate: Fate) => boolean,
): void {
  for (const sheet of sheets) {
    for (const row of [sheet.head, ...sheet.rows]) {
      const fate = fates.get(row);
      if (fate === undefined || !which(fate) || deps.counted.has(row)) continue;
      deps.counted.add(row);
      deps.ledger.count(sheet.places[0] ?? 0, fate);
    }
  }
}

async function readStored(store: FhirStore, tenant: Tenant, sheets: readonly Sheet[]): Promise<Map<string, Stored>> {
  const refs = new Set(sheets.flatMap((sheet) => [sheet.head.ref, ...sheet.rows.map((row) => row.ref)]));
  const byType = Map.groupBy(refs, (ref) => ref.slice(0, ref.indexOf("/")));
  const found = await Promise.all(
    [...byType].map(([type, some]) => {
      const elements = decidingElements.filter((name) => type === "DiagnosticReport" || !listNames.includes(name as never));
      const ids = some.map((ref) => ref.slice(type.length + 1));
      return store.readMany(tenant, type as Resource["resourceType"], ids, elements);
    }),
  );
  return new Map(found.flat().map((resource) => [`${resource.resourceType}/${resource.id}`, storedFrom(resource)]));
}

/** Every person whose Patient is ours as stored, also when nothing was written: a crash between writing and linking heals on replay. */
async function linkPeople(deps: WriteDeps, sheets: readonly Sheet[], fates: ReadonlyMap<Row, Fate>): Promise<void> {
  const rows = sheets.filter((sheet) => sheet.writesHead).map((sheet) => ({ row: sheet.head, sheet }));
  const people = rows.flatMap(({ row, sheet }) =>
    row.person === undefined || fates.get(row) === "older" || row.issue.state !== "present"
      ? []
      : [{ place: sheet.places[0] ?? 0, tenant: sheet.tenant, patientId: row.person.patientId, facts: row.person }],
  );
  if (people.length === 0) return;
  const answers = await deps.identity.link(people.map(({ tenant, patientId, facts }) => ({ tenant, patientId, facts })));
  answers.forEach(({ kind }, index) => void deps.ledger.count(people[index]?.place ?? 0, kind));
}

/** References of what a part of a sheet writes. */
export function writtenRefs(sheet: Sheet): string[] {
  return [...(sheet.writesHead ? [sheet.head.ref] : []), ...sheet.rows.map((row) => row.ref)];
}

function placeOf(sheets: readonly Sheet[]): number {
  return sheets[0]?.places[0] ?? 0;
}
