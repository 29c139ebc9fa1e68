import type { Patient } from "@medplum/fhirtypes";
import type { InstitutionCode } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { Fault } from "../kernel/fault.ts";
import type { LocalPatient } from "./person.ts";
import { type OpenedPerson, openFacts, openPerson } from "./seal-person.ts";

/**
 * A local Patient as a steward sees it: enough to tell two people apart. Of a number little is shown: the division, the birth date (which stands beside it) and the last four
 * characters would be all of it.
 */
export interface ShownPerson {
  readonly institution: InstitutionCode;
  /** Id of the local Patient in the institution's partition. */
  readonly patient: string;
  readonly name?: string;
  readonly birthDate?: string;
  readonly sex?: string;
  readonly identity?: { readonly type: string; readonly masked: string };
  readonly phoneMasked?: string;
  readonly address?: string;
  readonly guardian?: string;
  /** The sealed values of this record do not open (tampered with, or of other keys): the rest of the list is shown all the same. */
  readonly unreadable?: true;
}

/** A local Patient for a steward's eyes; only its address when it is not stored. */
export function showPerson(local: LocalPatient, patient: Patient | undefined, suite: CryptoSuite): ShownPerson {
  const place = { institution: local.tenant, patient: local.patientId };
  if (patient === undefined) return place;
  const { identity, phone, address, guardian, name, unreadable } = opened(patient, suite);
  const shownName = patient.name?.[0]?.text ?? name;
  return {
    ...place,
    ...(shownName === undefined ? {} : { name: shownName }),
    ...(patient.birthDate === undefined ? {} : { birthDate: patient.birthDate }),
    ...(patient.gender === undefined ? {} : { sex: patient.gender }),
    ...(identity === undefined ? {} : { identity: { type: identity.type, masked: masked(identity.number, 2, 2) } }),
    ...(phone === undefined ? {} : { phoneMasked: masked(phone, 3, 4) }),
    ...(address === undefined ? {} : { address }),
    ...(guardian === undefined ? {} : { guardian }),
    ...(unreadable === undefined ? {} : { unreadable }),
  };
}

interface Opened extends OpenedPerson {
  readonly name?: string;
  readonly address?: string;
  readonly guardian?: string;
  readonly unreadable?: true;
}

function opened(patient: Patient, suite: CryptoSuite): Opened {
  try {
    const facts = openFacts(patient, suite)?.facts;
    return {
      ...openPerson(patient, suite),
      ...(facts?.name === undefined ? {} : { name: facts.name }),
      ...(facts?.address === undefined ? {} : { address: facts.address }),
      ...(facts?.guardian?.name === undefined ? {} : { guardian: facts.guardian.name }),
    };
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
