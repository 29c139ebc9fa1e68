import type { Encounter } from "@medplum/fhirtypes";
import { updateOf } from "../fhir/update-of.ts";
import type { Tenant } from "../kernel/brand.ts";
import { pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Coming } from "./known-parents.ts";
import type { Sheet } from "./sheet.ts";
import { type Stored, storedFrom } from "./stored.ts";
import { type VisitPair, wayOfVisit, withVisitPatient } from "./visits.ts";
import type { WriteDeps } from "./write-deps.ts";

const rounds = 10;

/**
 * Notes on each stored visit which Patient is known by it alone, so that every later issue of the visit finds them; returns who is to give way because
 * the visit names a person. For sheets that are stored already: whoever writes the visit from now on sees the note.
 */
export async function tellVisits(deps: WriteDeps, tenant: Tenant, sheets: readonly Sheet[]): Promise<Coming[]> {
  const coming: Coming[] = [];
  let open: readonly VisitPair[] = sheets.flatMap((sheet) => sheet.visits);
  const persons = sheets.flatMap((sheet) => sheet.persons);
  for (let round = 0; open.length > 0; round++) {
    if (round === rounds) throw new Fault("conflict");
    if (round > 0) await pause(20 * round * (0.5 + Math.random()));
    const untold: VisitPair[] = [];
    for (const { patient, encounter } of new Map(open.map((pair) => [pair.encounter, pair])).values()) {
      const visit = await deps.store.read(tenant, "Encounter", encounter, { exactDecimals: true });
      if (visit === undefined) continue;
      const stored = storedFrom(visit);
      if (stored.visitPatient !== patient && !(await tell(deps, tenant, { visit, patient })))
        untold.push({ patient, encounter });
      const way = wayOfVisit({ patient, encounter }, persons, stored);
      if (way !== undefined) coming.push({ ...way, missing: false });
    }
    open = untold;
  }
  return coming;
}

async function tell(
  deps: WriteDeps,
  tenant: Tenant,
  { visit, patient }: { visit: Encounter; patient: string },
): Promise<boolean> {
  return (await deps.store.commit(tenant, [updateOf(visit, withVisitPatient(visit, patient))])).kind === "committed";
}

/** Whom Patients known by a visit alone give way to, as the visits of this pack tell it, or as what is stored of them does. */
export function waysOfVisits(pack: {
  readonly sheets: readonly Sheet[];
  readonly stored: ReadonlyMap<string, Stored>;
}): Coming[] {
  const persons = pack.sheets.flatMap((sheet) => sheet.persons);
  const noted = persons.flatMap(({ encounter }): VisitPair[] => {
    const patient = pack.stored.get(`Encounter/${encounter}`)?.visitPatient;
    return patient === undefined ? [] : [{ patient, encounter }];
  });
  const pairs = [...noted, ...pack.sheets.flatMap((sheet) => sheet.visits)];
  return [...new Map(pairs.map((pair) => [pair.encounter, pair])).values()].flatMap((pair) => {
    const stored = pack.stored.get(`Encounter/${pair.encounter}`);
    const way = stored === undefined ? undefined : wayOfVisit(pair, persons, stored);
    return way === undefined ? [] : [{ ...way, missing: false }];
  });
}
