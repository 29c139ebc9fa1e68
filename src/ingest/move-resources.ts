import type { Patient, Resource, ResourceType } from "@medplum/fhirtypes";
import { namedSubject, type Replacement, replacementOf, standsFor, subjectOf, withSubject } from "../fhir/replacement.ts";
import type { FhirStore } from "../fhir/store.ts";
import { updateOf } from "../fhir/update-of.ts";
import type { Tenant } from "../kernel/brand.ts";
import { chunks } from "../kernel/chunks.ts";
import { pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";

/** Every type that a row may become and that is about a Patient; all are searched by `patient`. */
const typesAboutPatients = [
  ...(["Encounter", "DiagnosticReport", "Observation", "ImagingStudy", "Specimen", "ServiceRequest", "Condition"] as const),
  ...(["MedicationRequest", "AllergyIntolerance", "Procedure", "Immunization", "DocumentReference", "Composition"] as const),
] satisfies ResourceType[];

const perTransaction = 99;
const rounds = 10;

/** Tells for a Patient's id who stands for them, each Patient read once. */
export function createStandIns(store: FhirStore, tenant: Tenant): (id: string) => Promise<string> {
  const replacements = new Map<string, Replacement | undefined>();
  return async (id) => {
    const seen = new Set<string>();
    for (let at: string | undefined = id; at !== undefined && !seen.has(at); at = replacements.get(at)?.into) {
      seen.add(at);
      if (replacements.has(at)) continue;
      const patient: Patient | undefined = await store.read(tenant, "Patient", at);
      replacements.set(at, patient === undefined ? undefined : replacementOf(patient));
    }
    return standsFor(id, (one) => replacements.get(one));
  };
}

/**
 * Gives every resource of these Patients the subject that stands for the one its source named, a bounded transaction at a time, each under If-Match.
 * Safe to repeat. How many were changed. Throws `Fault("store-down")`, and `Fault("conflict")` when others keep changing them.
 */
export async function moveResources(
  store: FhirStore,
  tenant: Tenant,
  { patients, finalOf }: { readonly patients: ReadonlySet<string>; readonly finalOf: (id: string) => Promise<string> },
): Promise<number> {
  let moved = 0;
  for (const type of typesAboutPatients) {
    for (const patient of patients) {
      const about = await store.searchAll(tenant, type, { patient: `Patient/${patient}`, _elements: "id,extension" });
      const toMove: string[] = [];
      for (const one of about) if ((await finalOf(namedSubject(one) ?? patient)) !== patient) toMove.push(one.id ?? "");
      for (const ids of chunks(toMove, perTransaction)) moved += await moveSome(store, tenant, { type, ids, finalOf });
    }
  }
  return moved;
}

async function moveSome(
  store: FhirStore,
  tenant: Tenant,
  some: { type: ResourceType; ids: readonly string[]; finalOf: (id: string) => Promise<string> },
): Promise<number> {
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await pause(20 * round * (0.5 + Math.random()));
    const params = { _id: some.ids.join(",") };
    const { resources } = await store.search(tenant, some.type, params, 199, { exactDecimals: true });
    const writes = (await Promise.all((resources as Resource[]).map((one) => moveOf(one, some.finalOf)))).flat();
    if (writes.length === 0) return 0;
    if ((await store.commit(tenant, writes)).kind === "committed") return writes.length;
  }
  throw new Fault("conflict");
}

/** The write that gives a resource the subject that stands for the one its source named; none when it has it. */
async function moveOf(resource: Resource, finalOf: (id: string) => Promise<string>) {
  const subject = subjectOf(resource);
  if (subject === undefined) return [];
  const into = await finalOf(namedSubject(resource) ?? subject);
  return into === subject ? [] : [updateOf(resource, withSubject(resource, new Map([[subject, into]])))];
}
