import type { Patient } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import type { ResidentId } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { linksOf, newGolden, type ResidentLink, replacedBefore, replacedBy } from "./golden-patient.ts";
import { type NumberFacts, type ParseOptions, parseIdentityNumber } from "./parse-identity-number.ts";
import { residentIdOf } from "./person.ts";

/** A resident as the hub knows them after every replacement was followed. */
export interface KnownResident {
  /** The golden Patient that stands now. */
  readonly resident: ResidentId;
  /** It and every golden whose place it took, also the one that was asked for: consents of all of them count. */
  readonly all: readonly ResidentId[];
  /** Who knows the resident: the record locator. */
  readonly links: readonly ResidentLink[];
}

/** More replacements in a row than this is a ring: then the person is not known, rather than somebody else. */
const longestChain = 8;

/** The golden Patients that stand now for these ids, by the id asked for. Missing ones, and ones in a ring, are not in it. The only reader of goldens. */
export async function readGoldens(store: FhirStore, ids: readonly ResidentId[]): Promise<Map<ResidentId, Patient>> {
  const read = new Map<string, Patient>();
  let wanted: readonly ResidentId[] = [...new Set(ids)];
  for (let step = 0; wanted.length > 0 && step <= longestChain; step++) {
    const found =
      wanted.length === 1
        ? [await store.read("DEFAULT", "Patient", wanted[0] as string)]
        : await store.readMany("DEFAULT", "Patient", wanted);
    for (const golden of found) if (golden?.id !== undefined) read.set(golden.id, golden);
    wanted = [...new Set(found.flatMap((golden) => (golden && replacedBy(golden)) ?? []))].filter((id) => !read.has(id));
  }
  const standing = ids.flatMap((id) => {
    const golden = follow(read, id);
    return golden === undefined ? [] : [[id, golden] as const];
  });
  return new Map(standing);
}

/** One resident, every `replaced-by` followed; undefined when nothing is known of them. */
export async function readResident(store: FhirStore, id: ResidentId): Promise<KnownResident | undefined> {
  const golden = (await readGoldens(store, [id])).get(id);
  if (golden === undefined) return undefined;
  const resident = golden.id as ResidentId;
  return { resident, all: [...new Set([resident, ...replacedBefore(golden), id])], links: linksOf(golden) };
}

/**
 * Makes the golden Patient of a resident who signed in or gave a consent; what exists stays as it is. Never called by a query, so that
 * nobody's asking leaves a trace that the person exists. Throws `Fault("store-down")`.
 */
export async function ensureResident(
  store: FhirStore,
  resident: ResidentId,
  number?: { readonly facts: NumberFacts; readonly suite: CryptoSuite },
): Promise<void> {
  await store.createMissing("DEFAULT", [newGolden(resident, number)]);
}

/**
 * The resident behind an identity number that a trusted portal vouches for, made known when new (a sign-in). Undefined when it is no
 * valid number. Throws `Fault("store-down")`.
 */
export async function welcomeResident(
  deps: { readonly store: FhirStore; readonly suite: CryptoSuite; readonly parseOptions: () => ParseOptions },
  identityNumber: string,
): Promise<ResidentId | undefined> {
  const parsed = parseIdentityNumber(identityNumber, deps.parseOptions());
  if (parsed.kind !== "valid") return undefined;
  const resident = residentIdOf(deps.suite, parsed.number);
  await ensureResident(deps.store, resident, { facts: parsed, suite: deps.suite });
  return resident;
}

function follow(read: ReadonlyMap<string, Patient>, id: ResidentId): Patient | undefined {
  let golden = read.get(id);
  for (let step = 0; golden !== undefined && step < longestChain; step++) {
    const next = replacedBy(golden);
    if (next === undefined) return golden;
    golden = read.get(next);
  }
  return undefined;
}
