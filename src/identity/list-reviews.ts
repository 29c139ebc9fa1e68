import type { Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { ResidentId } from "../kernel/brand.ts";
import { instant, type Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { closedReview } from "./answer-review.ts";
import { compareRecords } from "./compare-records.ts";
import type { ReviewReason } from "./decide-link.ts";
import { keyOf } from "./find-candidates.ts";
import { linksOf, type ResidentLink } from "./golden-patient.ts";
import type { LocalPatient } from "./person.ts";
import { readLocals } from "./read-locals.ts";
import { readGoldens } from "./resident.ts";
import { reviewStands } from "./review-stands.ts";
import { type ReviewFacts, reviewFacts } from "./review-task.ts";
import type { Score } from "./score-match.ts";
import { type ShownPerson, showPerson } from "./show-person.ts";

/** One record that waits for a steward, with the people it disagrees with. */
export interface Review {
  readonly id: string;
  readonly openedAt: string;
  readonly reasons: readonly ReviewReason[];
  /** Whose record waits. */
  readonly person: ShownPerson;
  /** Who is linked to the resident in question, since when on what basis, and how that record compares. */
  readonly linked: readonly (ShownPerson & Pick<ResidentLink, "basis" | "at"> & { readonly comparison?: Score })[];
  /** Who else waits for the same resident. */
  readonly waiting: readonly ShownPerson[];
}

interface ListDeps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly now: Now;
}

/** Most reviews of one list: a steward works from the oldest on. */
const most = 199;

/**
 * The open reviews, the oldest first, each side by side with who is linked or waits for the same resident. A review that needs nobody any
 * more (its record was linked, corrected to somebody else, taken back) is closed here.
 */
export async function listReviews(deps: ListDeps): Promise<{ readonly reviews: Review[]; readonly more: boolean }> {
  const page = await deps.store.search(
    "DEFAULT",
    "Task",
    { code: `${systems.taskKind}|identity-review`, status: "on-hold", _sort: "authored-on" },
    most,
  );
  const found = page.resources.flatMap((task) => {
    const review = reviewFacts(task);
    return review === undefined ? [] : [{ ...review, task }];
  });
  const goldens = await readGoldens(deps.store, [...new Set(found.map((review) => review.resident))]);
  const linksFor = (resident: ResidentId) => {
    const golden = goldens.get(resident);
    return golden === undefined ? [] : linksOf(golden);
  };
  const isLinked = (review: ReviewFacts) => linksFor(review.resident).some((link) => keyOf(link) === keyOf(review.local));
  const unlinked = found.filter((review) => !isLinked(review));
  const patients = await readLocals(deps.store, [
    ...unlinked.map((review) => review.local),
    ...unlinked.flatMap((review) => linksFor(review.resident)),
  ]);
  const open: typeof found = [];
  for (const review of unlinked) {
    const linked = linksFor(review.resident).flatMap((link) => patients.get(keyOf(link)) ?? []);
    const now = { patient: patients.get(keyOf(review.local)), golden: goldens.get(review.resident), linked };
    if (await reviewStands(deps, review, now)) open.push(review);
  }
  await close(
    deps,
    found.filter((review) => !open.includes(review)).map(({ task }) => task),
  );
  const show = (local: LocalPatient) => showPerson(local, patients.get(keyOf(local)), deps.suite);
  const reviews = open.map((review) => ({
    id: review.id,
    openedAt: review.openedAt,
    reasons: review.reasons,
    person: show(review.local),
    linked: linksFor(review.resident).map((link) => {
      const comparison = compareRecords(patients.get(keyOf(review.local)), patients.get(keyOf(link)), deps.suite);
      return { ...show(link), basis: link.basis, at: link.at, ...(comparison === undefined ? {} : { comparison }) };
    }),
    waiting: othersOf(review, open).map(show),
  }));
  return { reviews, more: page.more };
}

/** Closes reviews that resolved themselves, each on its own: one that somebody answers in this moment stays theirs. */
async function close({ store, now }: ListDeps, tasks: readonly Task[]): Promise<void> {
  for (const task of tasks) {
    const resource = closedReview(task, "resolved-itself", instant(now()));
    await store.commit("DEFAULT", [{ kind: "update", resource, ifMatch: task.meta?.versionId ?? "" }]);
  }
}

function othersOf(review: ReviewFacts, open: readonly ReviewFacts[]): LocalPatient[] {
  return open.flatMap((other) => (other.id !== review.id && other.resident === review.resident ? other.local : []));
}
