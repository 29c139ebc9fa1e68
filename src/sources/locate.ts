import type { InstitutionCode, ResidentId, ResourceId } from "../kernel/brand.ts";
import type { LocalPatient } from "./answer.ts";

/** A link of the record locator: an institution's local Patient, and why a machine or a steward holds the two for one person. */
export interface LocatedLink extends LocalPatient {
  readonly basis: string;
}

/** What locating needs to know of a resident; whoever reads it has followed every `replaced-by`. */
export interface ResidentLinks {
  /** Every golden id of the person, old ones too. */
  readonly all: readonly ResidentId[];
  readonly links: readonly { readonly tenant: InstitutionCode; readonly patientId: ResourceId; readonly basis: string }[];
}

/** Reads a resident; undefined when nothing is known of them. */
export type ReadGolden = (resident: ResidentId) => Promise<ResidentLinks | undefined>;

/** Who holds data on a resident, and every golden id of theirs: the consents of all of them count. */
export interface Located {
  readonly residents: readonly ResidentId[];
  readonly links: readonly LocatedLink[];
}

/** The record locator. An unknown resident is located nowhere, which looks the same as one whom no institution knows. */
export async function locate(read: ReadGolden, resident: ResidentId): Promise<Located> {
  const known = await read(resident);
  if (known === undefined) return { residents: [resident], links: [] };
  const links = known.links.map(({ tenant, patientId, basis }) => ({ institution: tenant, patient: patientId, basis }));
  return { residents: known.all, links };
}
