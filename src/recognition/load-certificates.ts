import type { FhirStore } from "../fhir/store.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import type { Catalogue } from "./catalogue.ts";
import { type Certificates, certificateOf, indexCertificates } from "./certificates.ts";

/** Every certificate that the quality centres named by the policy published, of items the catalogue holds. Throws `Fault("store-down")`. */
export async function loadCertificates(store: Pick<FhirStore, "searchAll">, catalogue: Catalogue): Promise<Certificates> {
  const centres = catalogue.head.qualityCentres as InstitutionCode[];
  const published = await Promise.all(centres.map((centre) => store.searchAll(centre, "Basic", {})));
  return indexCertificates(published.flat().flatMap((basic) => certificateOf(basic, catalogue) ?? []));
}
