import type { ResourceType } from "@medplum/fhirtypes";
import type { Write } from "../fhir/store.ts";
import type { ResourceId, Tenant } from "../kernel/brand.ts";
import { pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { SheetWrites } from "./changed-results.ts";
import { giveWay } from "./give-way.ts";
import type { Coming } from "./known-parents.ts";
import { type Fate, type Plan, planSheet } from "./plan-writes.ts";
import { provenanceOf } from "./provenance.ts";
import { type Row, refOf, type Sheet } from "./sheet.ts";
import { decidingElements, type Stored, storedFrom } from "./stored.ts";
import { waysOfVisits } from "./tell-visits.ts";
import type { PersonToChange, WriteDeps } from "./write-deps.ts";

/** How often a race with other writers is met with a fresh reading; fewer times when nobody else is seen to write. */
const rounds = 10;
const roundsAlone = 3;

/**
 * Stores the sheets of a pack: create-only, or compared with what is stored, as often as others interfere. `coming` = Patients that are about to give way.
 * What became of each row. Throws `Fault("conflict")` when it never succeeds.
 */
export async function commitPack(
  deps: WriteDeps,
  tenant: Tenant,
  pack: { readonly sheets: readonly Sheet[]; readonly coming: readonly Coming[] },
): Promise<ReadonlyMap<Row, Fate>> {
  let reads = deps.pace.readsFirst();
  const seen = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const stored = reads ? await readStored(deps, tenant, pack.sheets) : new Map<string, Stored>();
    if (reads && round === 0) deps.pace.found(stored.size > 0);
    const sheets = pack.sheets.map((sheet) => deps.parents.turned(sheet, pack.coming));
    const plans = sheets.map((sheet) => planSheet(sheet, (ref) => stored.get(ref)));
    const written = await commitPlans(deps, tenant, { sheets, plans, stored, coming: pack.coming });
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

interface Round {
  readonly sheets: readonly Sheet[];
  readonly plans: readonly Plan[];
  readonly stored: ReadonlyMap<string, Stored>;
  readonly coming: readonly Coming[];
}

/** New and newer go in two transactions, since create-only holds for a whole one. False when somebody else was faster. */
async function commitPlans(deps: WriteDeps, tenant: Tenant, { sheets, plans, stored, coming }: Round): Promise<boolean> {
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
  // Before anything is written: whoever was shown what is about to change will be told, however this run ends.
  const announced = await deps.changes.open(sheets.map((sheet, at) => writesOf(sheet, plans[at], stored)));
  const creates = plans.flatMap((plan) => plan.creates).map((resource) => ({ kind: "put", resource }) as const);
  if (!(await sent("created", creates))) return false;
  // Before the visit is written that tells it: whoever finds the visit finds whose it is.
  const ways = waysOfVisits({ sheets, stored });
  const targets = coming.filter((one) => ways.some((way) => way.replacement.into === one.id));
  await giveWay(deps, tenant, { coming: [...targets, ...ways], sheets });
  const updates = plans.flatMap((plan) => plan.updates);
  const reissued = sheets.filter((_, index) => plans[index]?.reissued);
  if (reissued.length > 0)
    await deps.reissuing(new Map(reissued.map(({ head }) => [`${tenant}/${head.ref}`, head.issue.order])));
  // A wrong link goes before what corrects it is written, so that nothing new is shown under a resident it was taken from.
  const changing = peopleToChange(sheets, fates);
  if (changing.length > 0) await deps.identity.prepareCorrections?.(changing);
  if (!(await sent("updated", updates))) return false;
  await deps.changes.free(announced);
  countRows(deps, sheets, fates, () => true);
  plans.forEach((plan, index) => {
    const sheet = sheets[index];
    if (plan.settle && sheet !== undefined) deps.settleLater(sheet);
  });
  return true;
}

/** What a plan sends, as far as somebody may have been shown what it takes the place of: a stub was shown to nobody. */
function writesOf({ tenant, head }: Sheet, plan: Plan | undefined, stored: ReadonlyMap<string, Stored>): SheetWrites {
  const updates = (plan?.updates ?? []).filter(({ resource }) => stored.get(refOf(resource))?.issue !== undefined);
  return { tenant, head: head.ref, creates: plan?.creates ?? [], updates };
}

function peopleToChange(sheets: readonly Sheet[], fates: ReadonlyMap<Row, Fate>): PersonToChange[] {
  return sheets.flatMap(({ tenant, head, writesHead }) => {
    if (!writesHead || head.resource.resourceType !== "Patient" || fates.get(head) !== "updated") return [];
    const patientId = head.resource.id as ResourceId;
    const facts = head.issue.state === "present" ? head.person : undefined;
    return [{ tenant, patientId, ...(facts === undefined ? {} : { facts }) }];
  });
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
      const told = row.told ?? row;
      if (fate === undefined || !which(fate) || deps.counted.has(told)) continue;
      deps.counted.add(told);
      deps.ledger.count(sheet.places[0] ?? 0, fate);
    }
  }
}

async function readStored(deps: WriteDeps, tenant: Tenant, sheets: readonly Sheet[]): Promise<Map<string, Stored>> {
  const refs = new Set(sheets.flatMap((sheet) => [sheet.head.ref, ...sheet.rows.map((row) => row.ref)]));
  const byType = Map.groupBy(refs, (ref) => ref.slice(0, ref.indexOf("/")));
  const found = await Promise.all(
    [...byType].map(([type, some]) => {
      const ids = some.map((ref) => ref.slice(type.length + 1));
      return deps.store.readMany(tenant, type as ResourceType, ids, decidingElements(type as ResourceType));
    }),
  );
  const stored = new Map(found.flat().map((resource) => [refOf(resource), storedFrom(resource)]));
  const replaced = [...stored].flatMap(([ref, { replacement }]) =>
    replacement === undefined ? [] : { id: ref.slice("Patient/".length), replacement },
  );
  for (const { id, replacement } of replaced) deps.parents.learn(tenant, id, replacement);
  if (replaced.length > 0)
    await deps.parents.follow(
      tenant,
      replaced.map(({ id }) => id),
    );
  return stored;
}
