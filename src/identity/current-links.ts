import type { Patient } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import { chunks } from "../kernel/chunks.ts";
import { keyOf } from "./find-candidates.ts";
import { linksOf, type ResidentLink } from "./golden-patient.ts";
import type { LocalPatient } from "./person.ts";

/** Where a local Patient is linked now. */
export interface CurrentLink {
  readonly golden: Patient;
  readonly link: ResidentLink;
}

/** Local Patients asked for at once: one golden answers for several, so a page holds them all. */
const atOnce = 90;

/** The golden Patients that link these local ones now, by `keyOf`; more than one only while two feeds disagreed in the same moment. */
export async function currentLinks(store: FhirStore, locals: readonly LocalPatient[]): Promise<Map<string, CurrentLink[]>> {
  const keys = [...new Set(locals.map(keyOf))];
  const pages = await Promise.all(
    chunks(keys, atOnce).map((some) =>
      store.search("DEFAULT", "Patient", { "hutong-link": some.map((key) => `${systems.resource}|${key}`).join(",") }, 199),
    ),
  );
  const goldens = new Map(pages.flatMap((page) => page.resources).map((golden) => [golden.id ?? "", golden]));
  const found = new Map<string, CurrentLink[]>();
  for (const golden of goldens.values()) {
    for (const link of linksOf(golden)) found.set(keyOf(link), [...(found.get(keyOf(link)) ?? []), { golden, link }]);
  }
  return found;
}
