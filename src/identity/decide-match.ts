import type { ResidentId } from "../kernel/brand.ts";
import type { MatchFacts } from "./match-facts.ts";
import { type Score, scoreMatch } from "./score-match.ts";

/** One record of a person that somebody may be, by the golden Patient it stands for. */
export interface MatchCandidate {
  readonly resident: ResidentId;
  /** Whether that golden stands for a number. */
  readonly numbered: boolean;
  readonly match: MatchFacts;
}

/** Whom a record is of: one person for certain, perhaps one of some, or nobody known. */
export type MatchDecision =
  | { readonly kind: "same"; readonly resident: ResidentId; readonly score: Score }
  | { readonly kind: "maybe"; readonly residents: readonly ResidentId[] }
  | { readonly kind: "different" };

/** Most people that a steward is shown for one record. */
const mostOffered = 3;

/**
 * Compares a record with each candidate and decides for all of them at once. A veto by one record of a person speaks for the whole person.
 * When two people with numbers both look the same, a machine does not choose.
 */
export function decideMatch(seeker: MatchFacts, candidates: readonly MatchCandidate[]): MatchDecision {
  const people = [...Map.groupBy(candidates, (one) => one.resident)].map(([resident, some]) => {
    const scores = some.map((one) => scoreMatch(seeker, one.match));
    const vetoed = scores.some((one) => one.veto !== undefined);
    const best = scores.reduce((a, b) => (rank(b) > rank(a) ? b : a));
    return { resident, numbered: some.some((one) => one.numbered), best, vetoed };
  });
  const open = people
    .filter((one) => !one.vetoed)
    .sort((a, b) => rank(b.best) - rank(a.best) || (a.resident < b.resident ? -1 : 1));
  const same = open.filter((one) => one.best.outcome === "same");
  const numbered = same.filter((one) => one.numbered);
  const chosen = numbered[0] ?? same[0];
  if (chosen !== undefined && numbered.length <= 1) return { kind: "same", resident: chosen.resident, score: chosen.best };
  const offered = open.filter((one) => one.best.outcome !== "different").slice(0, mostOffered);
  return offered.length === 0 ? { kind: "different" } : { kind: "maybe", residents: offered.map((one) => one.resident) };
}

function rank({ outcome, score }: Score): number {
  return (outcome === "same" ? 1_000 : outcome === "maybe" ? 0 : -1_000) + score;
}
