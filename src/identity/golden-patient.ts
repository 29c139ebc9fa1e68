import type { Patient, PatientLink, Reference } from "@medplum/fhirtypes";
import { addressOf, resourceReference } from "../fhir/reference.ts";
import { extensions, systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { NumberFacts } from "./parse-identity-number.ts";
import type { LocalPatient } from "./person.ts";
import { identityNumberIndex } from "./seal-person.ts";

/**
 * Why a local Patient belongs to a golden one: its checked number, a steward's word, the comparison of what records say, or because it has
 * no number and is its own person. What is linked by a score is shown and never recognised.
 */
export type LinkBasis = "number" | "steward" | "score" | "provisional";

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
  if (isNumbered(golden)) return golden;
  const value = identityNumberIndex(suite, { type: "resident-id", number: facts.number });
  return {
    ...golden,
    identifier: [...(golden.identifier ?? []), { system: systems.identityNumberIndex, value }],
    gender: facts.sex,
    birthDate: facts.birthDate,
  };
}

/** Whether a golden stands for a number. */
export function isNumbered(golden: Patient): boolean {
  return golden.identifier?.some((one) => one.system === systems.identityNumberIndex) ?? false;
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

/** Whether a steward said that this local Patient is not this resident. */
export function refuses(golden: Patient, local: LocalPatient): boolean {
  const value = addressValue(local);
  return (golden.extension ?? []).some(
    (one) => one.url === extensions.linkRefused && one.valueReference?.identifier?.value === value,
  );
}

/** The golden with (or again without) a steward's word that this local Patient is not this resident. */
export function withRefusal(golden: Patient, local: LocalPatient, refused: boolean): Patient {
  const value = addressValue(local);
  const others = (golden.extension ?? []).filter(
    (one) => one.url !== extensions.linkRefused || one.valueReference?.identifier?.value !== value,
  );
  const reference = resourceReference<Patient>({ tenant: local.tenant, type: "Patient", id: local.patientId });
  const all = refused ? [...others, { url: extensions.linkRefused, valueReference: reference }] : others;
  const { extension: _extension, ...rest } = golden;
  return all.length === 0 ? rest : { ...rest, extension: all };
}

/** Both goldens after `loser` gave way to `winner`: links, refusals and earlier replacements go over, so that every reader finds one person. */
export function mergedGoldens(winner: Patient, loser: Patient): { readonly winner: Patient; readonly loser: Patient } {
  const moved = linksOf(loser).map((link) => (link.basis === "provisional" ? { ...link, basis: "score" as const } : link));
  const linked = moved.reduce(withLink, winner);
  const refusals = (loser.extension ?? []).flatMap((one) => localIn(one.valueReference) ?? []);
  const known = refusals
    .filter((local) => !refuses(linked, local))
    .reduce((golden, local) => withRefusal(golden, local, true), linked);
  const before = [loser.id ?? "", ...replacedBefore(loser)].filter((id) => !replacedBefore(known).includes(id as ResidentId));
  const replaces = before.map((id) => goldenLink(id, "replaces"));
  return {
    winner: { ...known, link: [...(known.link ?? []), ...replaces] },
    loser: { ...loser, active: false, link: [...replacementsOf(loser), goldenLink(winner.id ?? "", "replaced-by")] },
  };
}

/** Both goldens after an undone merge: `back` are the links that go back to the one that had given way. */
export function separatedGoldens(
  winner: Patient,
  loser: Patient,
  back: readonly ResidentLink[],
): { readonly winner: Patient; readonly loser: Patient } {
  const returned = new Set([loser.id, ...replacedBefore(loser)]);
  const left = back.reduce((golden, link) => withoutLink(golden, link), winner);
  const kept = (left.link ?? []).filter((link) => link.type !== "replaces" || !returned.has(addressOf(link.other)?.id));
  const { link: _link, ...bare } = left;
  const alone = { ...loser, active: true, link: replacementsOf(loser) };
  return { winner: kept.length === 0 ? bare : { ...bare, link: kept }, loser: back.reduce(withLink, alone) };
}

function replacementsOf(golden: Patient): PatientLink[] {
  return (golden.link ?? []).filter((link) => link.type === "replaces");
}

function goldenLink(id: string, type: PatientLink["type"]): PatientLink {
  return { other: resourceReference<Patient>({ tenant: "DEFAULT", type: "Patient", id: id as ResourceId }), type };
}

function localIn(reference: Reference | undefined): LocalPatient | undefined {
  const address = addressOf(reference);
  return address === undefined || address.tenant === "DEFAULT"
    ? undefined
    : { tenant: address.tenant as InstitutionCode, patientId: address.id };
}

function addressValue({ tenant, patientId }: LocalPatient): string {
  return `${tenant}/Patient/${patientId}`;
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
