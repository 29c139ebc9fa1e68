import type { FhirStore } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { compareRecords } from "./compare-records.ts";
import { currentLinks } from "./current-links.ts";
import { type Decision, decisionOf } from "./decision-task.ts";
import { keyOf } from "./find-candidates.ts";
import { linksOf, type ResidentLink } from "./golden-patient.ts";
import type { LocalPatient } from "./person.ts";
import { readLocals } from "./read-locals.ts";
import type { Score } from "./score-match.ts";
import { type ShownPerson, showPerson } from "./show-person.ts";

/** Why a record is where it is: the other records of its person, how each compares, and what stewards decided about it. */
export interface Explanation {
  readonly person: ShownPerson;
  /** Absent while it is linked to nobody. */
  readonly link?: Pick<ResidentLink, "basis" | "at">;
  readonly others: readonly (ShownPerson & Pick<ResidentLink, "basis" | "at"> & { readonly comparison?: Score })[];
  readonly decisions: readonly Decision[];
}

/** Most decisions that one answer tells. */
const most = 199;

/** Explains one record; undefined when there is none at this address. */
export async function explainRecord(
  deps: { readonly store: FhirStore; readonly suite: CryptoSuite },
  local: LocalPatient,
): Promise<Explanation | undefined> {
  const [links, decisions] = await Promise.all([currentLinks(deps.store, [local]), decisionsOn(deps.store, local)]);
  const current = links.get(keyOf(local))?.[0];
  const others = current === undefined ? [] : linksOf(current.golden).filter((link) => keyOf(link) !== keyOf(local));
  const patients = await readLocals(deps.store, [local, ...others]);
  const own = patients.get(keyOf(local));
  if (own === undefined) return undefined;
  return {
    person: showPerson(local, own, deps.suite),
    ...(current === undefined ? {} : { link: { basis: current.link.basis, at: current.link.at } }),
    others: others.map((link) => {
      const comparison = compareRecords(own, patients.get(keyOf(link)), deps.suite);
      const shown = showPerson(link, patients.get(keyOf(link)), deps.suite);
      return { ...shown, basis: link.basis, at: link.at, ...(comparison === undefined ? {} : { comparison }) };
    }),
    decisions,
  };
}

/** What stewards decided, newest first: about one record, or about all. */
export async function decisionsOn(store: FhirStore, local?: LocalPatient): Promise<Decision[]> {
  const page = await store.search(
    "DEFAULT",
    "Task",
    {
      code: `${systems.taskKind}|identity-decision`,
      ...(local === undefined ? {} : { "hutong-focus": `${systems.resource}|${keyOf(local)}` }),
      _sort: "-authored-on",
    },
    most,
  );
  return page.resources.flatMap((task) => decisionOf(task) ?? []);
}
