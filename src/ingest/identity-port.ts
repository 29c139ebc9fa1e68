import { followMove, type LocalMove } from "../identity/follow-move.ts";
import { type LinkDeps, linkPatients } from "../identity/link-patients.ts";
import { type PersonToChange, prepareCorrections } from "../identity/prepare-corrections.ts";
import { sealPerson } from "../identity/seal-person.ts";
import type { IdentityPort } from "./write-deps.ts";

/**
 * What ingest asks of identity: seal what a Patient's record tells before it is written, close links that a correction makes wrong before it
 * is written, link people afterwards, follow a Patient that gave way; a review Task for whom no machine may link.
 */
export function createIdentityPort(deps: Omit<LinkDeps, "openReviews">): Required<IdentityPort> {
  const openReviews: LinkDeps["openReviews"] = async (tasks) => {
    await deps.store.createMissing("DEFAULT", tasks);
  };
  const linking: LinkDeps = { ...deps, openReviews };
  return {
    seal: (patient, facts, tenant) => sealPerson(patient, facts, { suite: deps.suite, tenant }),
    prepareCorrections: (people: readonly PersonToChange[]) => prepareCorrections(linking, people),
    link: (people) => linkPatients(linking, people),
    moved: (move: LocalMove) => followMove(linking, move),
  };
}
