import type { ContactPoint, HumanName, Identifier, Patient } from "@medplum/fhirtypes";
import { systems } from "../fhir/systems.ts";
import type { IdentityDocument } from "./identity-document.ts";
import type { PersonFacts } from "./person.ts";

/** Systems of national identifiers (WS/T 500), as document types. */
const bySystem: Readonly<Record<string, string>> = {
  [systems.identityNumber]: "resident-id",
  "urn:oid:2.16.156.10011.1.19": "health-card",
  "http://hl7.org/fhir/sid/passport-CHN": "passport",
};

/** Kinds of identifier by http://terminology.hl7.org/CodeSystem/v2-0203. */
const byKind: Readonly<Record<string, string>> = {
  NI: "resident-id",
  NNCHN: "resident-id",
  PPN: "passport",
  PRC: "permanent-residence",
  BCT: "birth-certificate",
  DL: "driver",
  HC: "insurance",
  MI: "officer",
};

/**
 * What a FHIR Patient of an institution's own system tells about a person. Identifiers of systems nobody else knows are the institution's own:
 * they keep their system, letter by letter, and name nobody outside of it.
 */
export function factsFromPatient(patient: Patient): Omit<PersonFacts, "patientId"> {
  const identifiers = (patient.identifier ?? []).filter((one) => one.value !== undefined && one.value.trim() !== "");
  const documents = identifiers.map(documentOf);
  const identity = documents.find((one) => one.type === "resident-id") ?? documents.find((one) => one.type !== "local-card");
  const others = documents.filter((one) => one !== identity);
  const name = nameOf(patient.name);
  const phone = phoneOf(patient.telecom);
  const address = patient.address?.[0];
  const addressText = address?.text ?? [address?.state, address?.city, address?.district, ...(address?.line ?? [])].join("");
  const guardian = (patient.contact ?? [])[0];
  const guardianName = guardian?.name === undefined ? undefined : nameOf([guardian.name]);
  const guardianPhone = phoneOf(guardian?.telecom);
  const told = {
    ...(guardianName === undefined ? {} : { name: guardianName }),
    ...(guardianPhone === undefined ? {} : { phone: guardianPhone }),
  };
  return {
    ...(identity === undefined ? {} : { identity }),
    ...(others.length === 0 ? {} : { otherIdentities: others }),
    ...(name === undefined ? {} : { name }),
    ...(patient.birthDate?.length === 10 ? { birthDate: patient.birthDate } : {}),
    ...(patient.gender === "male" || patient.gender === "female" ? { sex: patient.gender } : {}),
    ...(phone === undefined ? {} : { phone }),
    ...(addressText === "" ? {} : { address: addressText }),
    ...(Object.keys(told).length === 0 ? {} : { guardian: told }),
  };
}

function documentOf({ system = "", value = "", type }: Identifier): IdentityDocument {
  const kinds = (type?.coding ?? []).flatMap((one) => byKind[one.code ?? ""] ?? []);
  const known = bySystem[system] ?? kinds[0];
  return known === undefined ? { type: "local-card", number: value, system } : { type: known, number: value };
}

/** The text, or family and given names as they are put together where the name is written. */
function nameOf(names: readonly HumanName[] | undefined): string | undefined {
  const name = (names ?? []).find((one) => one.use === "official") ?? names?.[0];
  if (name?.text !== undefined && name.text.trim() !== "") return name.text;
  const parts = [name?.family, ...(name?.given ?? [])].filter((one) => one !== undefined && one !== "");
  if (parts.length === 0) return undefined;
  return parts.join(/\p{Script=Han}/u.test(parts.join("")) ? "" : " ");
}

function phoneOf(telecoms: readonly ContactPoint[] | undefined): string | undefined {
  return (telecoms ?? []).find((one) => one.system === "phone" || one.system === undefined)?.value;
}
