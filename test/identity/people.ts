import type { Patient, Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../../src/fhir/store.ts";
import type { LinkDeps, PersonInBatch } from "../../src/identity/link-patients.ts";
import { parseIdentityNumber } from "../../src/identity/parse-identity-number.ts";
import type { PersonFacts } from "../../src/identity/person.ts";
import { sealPerson } from "../../src/identity/seal-person.ts";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { type CryptoSuite, createCryptoSuite } from "../../src/kernel/crypto-suite.ts";

/** Keys that protect nothing: for tests. */
export const suite = createCryptoSuite({ ids: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });

export const noon = new Date("2026-11-18T04:00:00Z");

/** 1990-03-07, male; nobody has province 99. */
export const hisNumber = "990101199003070015";
/** 1985-06-15, female. */
export const herNumber = "99010119850615008X";

/** A person of institution `tenant` under the local key `key`. */
export function person(tenant: string, key: string, facts: Omit<PersonFacts, "patientId">): PersonInBatch {
  const patientId = suite.computeId(tenant, "Patient", "patient", key) as ResourceId;
  return { tenant: tenant as InstitutionCode, patientId, facts: { patientId, ...facts } };
}

/** A document number as an export has it. */
export const idCard = (number: string) => ({ identity: { type: "resident-id", number } });

/** What linking needs, over a store; reviews are stored as main does it. */
export function linkDeps(store: FhirStore): LinkDeps & { readonly opened: Task[] } {
  const opened: Task[] = [];
  const openReviews = async (tasks: readonly Task[]) => {
    opened.push(...tasks);
    await store.createMissing("DEFAULT", tasks);
  };
  return { store, suite, now: () => noon, allowTestRegions: true, openReviews, opened };
}

/** The sealed local Patient of a person, as ingest stores it. */
export function localPatient({ facts, tenant }: PersonInBatch, keys: CryptoSuite = suite): Patient {
  const { name, birthDate, sex } = facts;
  const patient: Patient = {
    resourceType: "Patient",
    id: facts.patientId,
    ...(name === undefined ? {} : { name: [{ text: name }] }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(sex === undefined ? {} : { gender: sex }),
  };
  return sealPerson(patient, facts, { suite: keys, tenant });
}

/** A valid number of province 99, another for every index below 300. */
export function sampleNumber(index: number): string {
  const body = `99010119${70 + Math.floor(index / 28)}01${String((index % 28) + 1).padStart(2, "0")}${String(100 + index)}`;
  const valid = (number: string) => parseIdentityNumber(number, { allowTestRegions: true, today: noon }).kind === "valid";
  const number = [..."0123456789X"].map((check) => body + check).find(valid);
  if (number === undefined) throw new Error("no check character fits");
  return number;
}
