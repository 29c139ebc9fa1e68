import type { Patient } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResidentId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { Fault } from "../kernel/fault.ts";
import type { ReviewReason } from "./decide-link.ts";
import { linksOf, type ResidentLink } from "./golden-patient.ts";
import type { LocalPatient } from "./person.ts";
import { readGoldens } from "./resident.ts";
import { type ReviewFacts, reviewFacts } from "./review-task.ts";
import { type OpenedPerson, openPerson } from "./seal-person.ts";

/** A local Patient as a steward sees it: enough to tell two people apart, the document's number and phone masked in the middle. */
interface ShownPerson {
  readonly institution: InstitutionCode;
  /** Id of the local Patient in the institution's partition. */
  readonly patient: string;
  readonly name?: string;
  readonly birthDate?: string;
  readonly sex?: string;
  readonly identity?: { readonly type: string; readonly masked: string };
  readonly phoneMasked?: string;
  /** The sealed values of this record do not open (tampered with, or of other keys): the rest of the list is shown all the same. */
  readonly unreadable?: true;
}

/** One record that waits for a steward, with the people it disagrees with. */
export interface Review {
  readonly id: string;
  readonly openedAt: string;
  readonly reasons: readonly ReviewReason[];
  /** Whose record waits, unlinked. */
  readonly person: ShownPerson;
  /** Who is linked under the same number, and since when on what basis. */
  readonly linked: readonly (ShownPerson & Pick<ResidentLink, "basis" | "at">)[];
  /** Who else waits under the same number. */
  readonly waiting: readonly ShownPerson[];
}

/** Every open review, the oldest first, each side by side with who is linked or waits under the same number. */
export async function listReviews(deps: { readonly store: FhirStore; readonly suite: CryptoSuite }): Promise<Review[]> {
  const tasks = await deps.store.searchAll("DEFAULT", "Task", {
    code: `${systems.taskKind}|identity-review`,
    status: "on-hold",
    _sort: "authored-on",
  });
  const found = tasks.flatMap((task) => reviewFacts(task) ?? []);
  const goldens = await readGoldens(deps.store, [...new Set(found.map((review) => review.resident))]);
  const linksFor = (resident: ResidentId) => {
    const golden = goldens.get(resident);
    return golden === undefined ? [] : linksOf(golden);
  };
  // A record that was corrected and linked since needs nobody any more.
  const open = found.filter((review) => !linksFor(review.resident).some((link) => same(link, review.local)));
  const patients = await readPatients(deps.store, [
    ...open.map((review) => review.local),
    ...open.flatMap((review) => linksFor(review.resident)),
  ]);
  const show = (local: LocalPatient) => shown(local, patients.get(keyOf(local)), deps.suite);
  return open.map((review) => ({
    id: review.id,
    openedAt: review.openedAt,
    reasons: review.reasons,
    person: show(review.local),
    linked: linksFor(review.resident).map((link) => ({ ...show(link), basis: link.basis, at: link.at })),
    waiting: othersOf(review, open).map(show),
  }));
}

function othersOf(review: ReviewFacts, open: readonly ReviewFacts[]): LocalPatient[] {
  return open.flatMap((other) => (other.id !== review.id && other.resident === review.resident ? other.local : []));
}

async function readPatients(store: FhirStore, locals: readonly LocalPatient[]): Promise<Map<string, Patient>> {
  const byTenant = Map.groupBy(locals, (local) => local.tenant);
  const read = await Promise.all(
    [...byTenant].map(async ([tenant, some]) => {
      const patients = await store.readMany(tenant, "Patient", [...new Set(some.map((local) => local.patientId))]);
      return patients.map((patient) => [`${tenant}/${patient.id}`, patient] as const);
    }),
  );
  return new Map(read.flat());
}

function shown(local: LocalPatient, patient: Patient | undefined, suite: CryptoSuite): ShownPerson {
  const place = { institution: local.tenant, patient: local.patientId };
  if (patient === undefined) return place;
  const { identity, phone, unreadable } = opened(patient, suite);
  const name = patient.name?.[0]?.text;
  return {
    ...place,
    ...(name === undefined ? {} : { name }),
    ...(patient.birthDate === undefined ? {} : { birthDate: patient.birthDate }),
    ...(patient.gender === undefined ? {} : { sex: patient.gender }),
    ...(identity === undefined ? {} : { identity: { type: identity.type, masked: masked(identity.number, 6, 4) } }),
    ...(phone === undefined ? {} : { phoneMasked: masked(phone, 3, 4) }),
    ...(unreadable === undefined ? {} : { unreadable }),
  };
}

function opened(patient: Patient, suite: CryptoSuite): OpenedPerson & { readonly unreadable?: true } {
  try {
    return openPerson(patient, suite);
  } catch (error) {
    if (error instanceof Fault) return { unreadable: true };
    throw error;
  }
}

/** Shows the first and last characters; a short value shows nothing. */
function masked(value: string, first: number, last: number): string {
  const hidden = value.length - first - last;
  return hidden < 4 ? "*".repeat(value.length) : value.slice(0, first) + "*".repeat(hidden) + value.slice(-last);
}

function same(one: LocalPatient, other: LocalPatient): boolean {
  return one.tenant === other.tenant && one.patientId === other.patientId;
}

function keyOf(local: LocalPatient): string {
  return `${local.tenant}/${local.patientId}`;
}
