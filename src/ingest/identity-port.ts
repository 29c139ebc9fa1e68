import type { FhirStore } from "../fhir/store.ts";
import { linkPatients } from "../identity/link-patients.ts";
import { sealPerson } from "../identity/seal-person.ts";
import type { Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { IdentityPort } from "./write-pack.ts";

/** What ingest asks of identity: seal numbers and phones before a Patient is written, link people afterwards, a review Task for whom no machine may link. */
export function createIdentityPort(deps: {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly now: Now;
  readonly allowTestRegions: boolean;
}): IdentityPort {
  const openReviews: Parameters<typeof linkPatients>[0]["openReviews"] = async (tasks) => {
    await deps.store.createMissing("DEFAULT", tasks);
  };
  return {
    seal: (patient, facts) => sealPerson(patient, facts, deps.suite),
    link: (people) => linkPatients({ ...deps, openReviews }, people),
  };
}
