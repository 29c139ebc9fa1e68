import type { Patient } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import { chunks } from "../kernel/chunks.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { Fault } from "../kernel/fault.ts";
import { type MatchFacts, matchFacts } from "./match-facts.ts";
import { matchKeys } from "./match-keys.ts";
import type { LocalPatient, PersonFacts } from "./person.ts";
import { openFacts } from "./seal-person.ts";

/** A stored record that shares a key with somebody. */
export interface Candidate extends LocalPatient {
  readonly match: MatchFacts;
  /** As its institution told them. */
  readonly facts: PersonFacts;
  readonly keys: ReadonlySet<string>;
}

/** Somebody to find candidates for. */
export interface Seeker extends LocalPatient {
  readonly match: MatchFacts;
}

/** Most matches of one search, and keys of one search (about 70 bytes each in the request). */
const pageSize = 199;
const keysAtOnce = 150;

/** Where to look: records without a number of their own only, or all. */
export type Among = "open" | "all";

/**
 * The stored records, of every institution or of one, that share a key with each of these people, in as few searches as their keys need (about one for
 * forty people). Somebody whose keys meet more records than one answer holds is found nothing by those keys: what thousands share, as a
 * clinic's telephone, tells nobody apart. Throws `Fault("store-down")`.
 */
export async function findCandidates(
  deps: { readonly store: FhirStore; readonly suite: CryptoSuite },
  seekers: readonly Seeker[],
  among: Among,
  where: InstitutionCode | "_ALL" = "_ALL",
): Promise<Candidate[][]> {
  const keys = seekers.map((one) => matchKeys(one.match, deps.suite));
  const all = [...new Set(keys.flat())];
  const found = (await Promise.all(chunks(all, keysAtOnce).map((some) => search(deps, some, { among, where })))).flat();
  const candidates = new Map(
    found.flatMap((patient) => candidateOf(patient, deps.suite) ?? []).map((one) => [keyOf(one), one]),
  );
  const byKey = new Map<string, Candidate[]>();
  for (const one of candidates.values()) for (const key of one.keys) byKey.set(key, [...(byKey.get(key) ?? []), one]);
  return seekers.map((seeker, at) => {
    const mine = new Set((keys[at] ?? []).flatMap((key) => byKey.get(key) ?? []));
    return [...mine].filter((one) => keyOf(one) !== keyOf(seeker));
  });
}

/** A full answer is asked again in halves of its keys, at last key by key. */
async function search(
  deps: { readonly store: FhirStore },
  keys: readonly string[],
  at: { readonly among: Among; readonly where: InstitutionCode | "_ALL" },
): Promise<Patient[]> {
  const spaces = at.among === "open" ? [systems.matchOpen] : [systems.matchOpen, systems.matchNumbered];
  const identifier = keys.flatMap((key) => spaces.map((system) => `${system}|${key}`)).join(",");
  const page = await deps.store.search(at.where, "Patient", { identifier }, pageSize);
  if (!page.more) return [...page.resources];
  if (keys.length === 1) return [];
  const middle = Math.ceil(keys.length / 2);
  const halves = await Promise.all([search(deps, keys.slice(0, middle), at), search(deps, keys.slice(middle), at)]);
  return halves.flat();
}

/** A stored Patient as a candidate; undefined on one that stands for nobody any more, or whose sealed facts do not open. */
export function candidateOf(patient: Patient, suite: CryptoSuite): Candidate | undefined {
  if (patient.active === false || patient.id === undefined) return undefined;
  try {
    const sealed = openFacts(patient, suite);
    if (sealed === undefined) return undefined;
    const patientId = patient.id as ResourceId;
    const keys = (patient.identifier ?? []).flatMap((one) =>
      one.system === systems.matchOpen || one.system === systems.matchNumbered ? (one.value ?? []) : [],
    );
    return {
      tenant: sealed.tenant,
      patientId,
      facts: { patientId, ...sealed.facts },
      match: matchFacts(sealed.facts),
      keys: new Set(keys),
    };
  } catch (error) {
    // Tampered with, or of other keys: it links nobody; the steward's list shows it as unreadable.
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** One text per local Patient. */
export function keyOf({ tenant, patientId }: LocalPatient): string {
  return `${tenant}/Patient/${patientId}`;
}
