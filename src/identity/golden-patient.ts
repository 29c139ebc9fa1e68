import type { Patient, PatientLink } from "@medplum/fhirtypes";
import { addressOf, resourceReference } from "../fhir/reference.ts";
import { extensions, systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResidentId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { NumberFacts } from "./parse-identity-number.ts";
import type { LocalPatient } from "./person.ts";
import { identityNumberIndex } from "./seal-person.ts";

/** Why a local Patient belongs to a golden one: its checked number, a steward's word, or because it has no number and is its own person. */
type LinkBasis = "number" | "steward" | "provisional";

/** One line of the record locator. */
export interface ResidentLink extends LocalPatient {
  readonly basis: LinkBasis;
  /** Instant. */
  readonly at: string;
  /** Keyed digest of the normalised name it was linked under; absent = the name was not known. */
  readonly nameDigest?: string;
}

/** A golden Patient that links nobody yet: active, no name; birth date and sex as the number implies them. */
export function newGolden(
  resident: ResidentId,
  number?: { readonly facts: NumberFacts; readonly suite: CryptoSuite },
): Patient {
  const golden: Patient = { resourceType: "Patient", id: resident, active: true };
  return number === undefined ? golden : withNumber(golden, number.facts, number.suite);
}

/** The same golden with what its number implies; unchanged (the same object) when it has that already. */
export function withNumber(golden: Patient, facts: NumberFacts, suite: CryptoSuite): Patient {
  if (golden.identifier?.some((one) => one.system === systems.identityNumberIndex)) return golden;
  const value = identityNumberIndex(suite, { type: "resident-id", number: facts.number });
  return {
    ...golden,
    identifier: [...(golden.identifier ?? []), { system: systems.identityNumberIndex, value }],
    gender: facts.sex,
    birthDate: facts.birthDate,
  };
}

/** The local Patients of a resident: the record locator. */
export function linksOf(golden: Patient): ResidentLink[] {
  return (golden.link ?? []).flatMap((link) => {
    const address = addressOf(link.other);
    if (link.type !== "seealso" || address?.type !== "Patient" || address.tenant === "DEFAULT") return [];
    const part = (name: string) =>
      link.extension?.find((one) => one.url === extensions.linkBasis)?.extension?.find((one) => one.url === name);
    const nameDigest = part("name")?.valueString;
    return {
      tenant: address.tenant as InstitutionCode,
      patientId: address.id,
      basis: (part("basis")?.valueCode ?? "number") as LinkBasis,
      at: part("date")?.valueDateTime ?? "",
      ...(nameDigest === undefined ? {} : { nameDigest }),
    };
  });
}

/** The golden with this link, in place of an earlier one to the same local Patient. */
export function withLink(golden: Patient, link: ResidentLink): Patient {
  return { ...golden, link: [...linksExcept(golden, link), writeLink(link)] };
}

/** The golden without its link to this local Patient. */
export function withoutLink(golden: Patient, local: LocalPatient): Patient {
  const { link: _link, ...others } = golden;
  const left = linksExcept(golden, local);
  return left.length === 0 ? others : { ...others, link: left };
}

/** The golden that took this one's place, when two turned out to be one person. */
export function replacedBy(golden: Patient): ResidentId | undefined {
  return goldenLinks(golden, "replaced-by")[0];
}

/** The goldens whose place this one took; consents given to them still count. */
export function replacedBefore(golden: Patient): ResidentId[] {
  return goldenLinks(golden, "replaces");
}

function goldenLinks(golden: Patient, type: PatientLink["type"]): ResidentId[] {
  return (golden.link ?? []).flatMap((link) => {
    const address = addressOf(link.other);
    return link.type === type && address?.tenant === "DEFAULT" && address.type === "Patient"
      ? [address.id as string as ResidentId]
      : [];
  });
}

function linksExcept(golden: Patient, local: LocalPatient): PatientLink[] {
  return (golden.link ?? []).filter((link) => {
    const address = addressOf(link.other);
    return link.type !== "seealso" || address?.tenant !== local.tenant || address.id !== local.patientId;
  });
}

function writeLink(link: ResidentLink): PatientLink {
  return {
    extension: [
      {
        url: extensions.linkBasis,
        extension: [
          { url: "basis", valueCode: link.basis },
          { url: "date", valueDateTime: link.at },
          ...(link.nameDigest === undefined ? [] : [{ url: "name", valueString: link.nameDigest }]),
        ],
      },
    ],
    other: resourceReference<Patient>({ tenant: link.tenant, type: "Patient", id: link.patientId }),
    type: "seealso",
  };
}
