import type { RecognitionFact } from "../outcomes/facts.ts";
import type { Measure } from "./measures.ts";

/** How an eligible case stands. */
export type CaseState = Extract<
  Measure,
  "recognised" | "refused" | "setAside" | "incomplete" | "ignored" | "waiting" | "takenBack"
>;

/** What was said last of a case, and the reason it was said with. */
interface Standing {
  readonly state: CaseState;
  readonly reason?: string;
}

/**
 * How a case stands after its facts (any order). The answer that was given last counts, until it is taken back; without any, the case waits as long as its
 * answer window is open and is ignored (未处理) from then on: unanswered is not refused (recognition.md §8).
 */
export function standingOf(facts: readonly RecognitionFact[], open: boolean): Standing {
  let standing: Standing = { state: open ? "waiting" : "ignored" };
  for (const fact of inOrder(facts)) {
    if (fact.kind === "adopted") standing = { state: "recognised" };
    else if (fact.kind === "declined")
      standing = {
        state: fact.counts === false ? "setAside" : "refused",
        ...(fact.reason === undefined ? {} : { reason: fact.reason }),
      };
    else if (fact.kind === "incomplete") standing = { state: "incomplete" };
    else if (fact.kind === "revoked") standing = { state: "takenBack" };
  }
  return standing;
}

/** Whether a recognition stands: nothing of its case took it back later. */
export function stillStands(adopted: RecognitionFact, facts: readonly RecognitionFact[]): boolean {
  return !facts.some(
    (fact) =>
      fact.kind === "revoked" && fact.revokes !== "declined" && comesAfter(fact, adopted) && isNextAnswer(fact, adopted, facts),
  );
}

/** Whether no other recognition was said between a recognition and a revocation: then that is what was taken back. */
function isNextAnswer(revoked: RecognitionFact, adopted: RecognitionFact, facts: readonly RecognitionFact[]): boolean {
  return !facts.some(
    (one) => one.kind === "adopted" && one.id !== adopted.id && comesAfter(one, adopted) && comesAfter(revoked, one),
  );
}

function inOrder(facts: readonly RecognitionFact[]): RecognitionFact[] {
  return [...facts].sort((a, b) => a.at.getTime() - b.at.getTime() || rank(a) - rank(b) || (a.id < b.id ? -1 : 1));
}

// Told in one moment: an answer comes before what takes it back.
function rank({ kind }: RecognitionFact): number {
  return kind === "revoked" ? 1 : 0;
}

function comesAfter(one: RecognitionFact, other: RecognitionFact): boolean {
  return one.at > other.at || (one.at.getTime() === other.at.getTime() && rank(one) > rank(other));
}
