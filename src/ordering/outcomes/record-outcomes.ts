import { recordAudit } from "../../audit/record-audit.ts";
import type { Orderer } from "../check/check.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import type { CheckRecord } from "../check/check-record.ts";
import { answerContent, explanationContent } from "./answer-content.ts";
import { incompleteFact, incompleteId } from "./answer-fact.ts";
import { detectedIssue, type IssueContent } from "./detected-issue.ts";
import { type Evidence, freezeEvidence, type Wanted } from "./freeze-evidence.ts";
import { type Entry, entriesOf, type Grounds, isSame, judgeOutcome, laterExplanation } from "./judge-outcome.ts";
import type { Outcome, Recorded } from "./outcome.ts";
import { type CaseState, readCases } from "./read-cases.ts";
import { readIssue } from "./read-issue.ts";
import { refusedAnswers } from "./refused-answers.ts";
import { ownCheck } from "./spoken-cases.ts";
import { type Stored, storeIssues } from "./store-issues.ts";

/** Answers to the reminders of one check. */
export interface OutcomesGiven {
  readonly asker: Orderer;
  /** Id of the check. */
  readonly check: string;
  readonly outcomes: readonly Outcome[];
  /** A refusal may come without the explanation to the patient, which then is owed: a hook's feedback has no room for it. */
  readonly explanationMayFollow?: boolean;
}

/** An entry on its way: what became of it, or what is to be stored for it. */
type Planned = Entry & ({ readonly done: Recorded } | { readonly content: IssueContent } | { readonly incomplete: number });

/**
 * Records a doctor's answers to the reminders of a check, each by itself: one that cannot be taken never loses the others. The first valid answer of a case stands; an
 * identical repeat is `same`, another is `conflict` (until a revocation). Adopting keeps a frozen copy of exactly the version that was shown, the certificate, the policy's version
 * and the price of the day; it makes no result and no charge (recognition.md §1, §8). Undefined = the institution made no such check. Throws `Fault("store-down")`;
 * then repeat the call: nothing is recorded twice.
 */
export async function recordOutcomes(deps: CheckDeps, given: OutcomesGiven): Promise<readonly Recorded[] | undefined> {
  const check = await ownCheck(deps, given.asker, given.check);
  if (check === undefined) return undefined;
  const { catalogue } = await deps.recognitionData();
  const grounds: Grounds = {
    check,
    catalogue,
    asker: given.asker,
    now: deps.now(),
    explanationMayFollow: given.explanationMayFollow === true,
  };
  const parts = given.outcomes.map((outcome) => entriesOf(outcome, check));
  const entries = parts.flatMap((part) => ("state" in part ? [] : part));
  const cases = await readCases(
    deps.store,
    check.institution,
    entries.map(({ reminder }) => reminder.case),
  );
  const judged = await Promise.all(
    entries.map((entry) => judge(deps, grounds, { entry, state: cases.get(entry.reminder.case) })),
  );
  const frozen = await freeze(deps, check, judged);
  const impossible = parts.flatMap((part) => ("state" in part ? [part] : []));
  const recorded = await store(deps, grounds, { planned: onePerCase(frozen), impossible });
  let next = 0;
  return parts.flatMap((part) => ("state" in part ? [part] : part.map(() => recorded[next++] as Recorded)));
}

async function judge(
  deps: CheckDeps,
  grounds: Grounds,
  { entry, state }: { entry: Entry; state: CaseState | undefined },
): Promise<Planned> {
  const ordinal = state?.ordinal ?? 0;
  const standing = state?.standing;
  if (standing !== undefined && isSame(standing, entry)) {
    const explained = laterExplanation(standing, entry, grounds);
    if (explained === undefined) return done(entry, { state: "same" });
    return { ...entry, content: explanationContent(deps, grounds, { entry, explained, standing }) };
  }
  const sound = judgeOutcome(entry, grounds);
  if ("why" in sound) return done(entry, { state: "wrong", why: sound.why });
  if (standing !== undefined) return done(entry, { state: "conflict" });
  if (await isTooLate(deps, grounds, { entry, ordinal })) return done(entry, { state: "too-late" });
  const { outcome } = entry;
  if (outcome.outcome === "declined" && outcome.reason === undefined) return { ...entry, incomplete: ordinal };
  return { ...entry, content: answerContent(deps, grounds, { entry, sound, ordinal }) };
}

/** After the window a reminder counts as 未处理; only a refusal that came without its reason may still be given one. */
async function isTooLate(
  deps: CheckDeps,
  { check, now }: Grounds,
  { entry, ordinal }: { entry: Entry; ordinal: number },
): Promise<boolean> {
  if (now.getTime() <= check.at.getTime() + deps.answerWindowMs) return false;
  if (entry.outcome.outcome === "adopted") return true;
  return (await deps.store.read("DEFAULT", "AuditEvent", incompleteId(deps.suite, entry.reminder, ordinal))) === undefined;
}

/** Reads again what is to be adopted; its copies are kept with the answer. */
async function freeze(deps: CheckDeps, check: CheckRecord, planned: readonly Planned[]): Promise<Planned[]> {
  const wanted = planned.map((one): Wanted | undefined =>
    "content" in one && one.content.code === "adopted" && one.content.result !== undefined
      ? { result: one.content.result, item: one.reminder.item }
      : undefined,
  );
  const evidenceFor = await freezeEvidence(
    deps,
    check,
    wanted.flatMap((one) => one ?? []),
  );
  return planned.map((one, at) => {
    const result = wanted[at];
    return result === undefined || !("content" in one) ? one : withEvidence(one, evidenceFor(result));
  });
}

function withEvidence(planned: Entry & { readonly content: IssueContent }, evidence: Evidence): Planned {
  if (evidence.kind !== "frozen") return done(planned, { state: evidence.kind });
  return { ...planned, content: { ...planned.content, frozen: evidence.copies } };
}

/** Two answers to one case in one batch: the first counts, as if they had come one after the other. */
function onePerCase(planned: readonly Planned[]): Planned[] {
  const first = new Map<string, IssueContent>();
  return planned.map((one) => {
    if (!("content" in one)) return one;
    const before = first.get(one.reminder.case);
    first.set(one.reminder.case, before ?? one.content);
    if (before === undefined) return one;
    const read = readIssue(detectedIssue(before));
    const isRepeat = before.code === "explained" || (read !== undefined && isSame(read, one));
    return done(one, { state: isRepeat ? "same" : "conflict" });
  });
}

async function store(
  deps: CheckDeps,
  grounds: Grounds,
  { planned, impossible }: { planned: readonly Planned[]; impossible: readonly Recorded[] },
): Promise<Recorded[]> {
  const { check, asker, now: at } = grounds;
  const toStore = planned.flatMap((one) => ("content" in one ? [one] : []));
  const incomplete = planned.flatMap((one) =>
    "incomplete" in one ? [{ check, reminder: one.reminder, ordinal: one.incomplete }] : [],
  );
  const stored = await storeIssues(deps, {
    check,
    holder: check.institution,
    issues: toStore.map((one) => detectedIssue(one.content)),
    audit: [
      ...incomplete.map((one) => incompleteFact(deps.suite, one, { asker, at })),
      ...refusedAnswers(deps, grounds, [...impossible, ...planned.flatMap(doneOf)]),
    ],
  });
  const standing = new Map(toStore.map((one, index) => [one as Planned, stored[index]]));
  const all = planned.map((one) => ("done" in one ? one.done : whatBecame(one, standing.get(one))));
  const beaten = all.filter((one, index) => one.state === "conflict" && !("done" in (planned[index] ?? {})));
  if (beaten.length > 0) await recordAudit(deps.store, refusedAnswers(deps, grounds, beaten));
  return all;
}

function doneOf(planned: Planned): Recorded[] {
  return "done" in planned && planned.done.state !== "same" ? [planned.done] : [];
}

function whatBecame(one: Exclude<Planned, { done: Recorded }>, there: Stored | undefined): Recorded {
  if ("incomplete" in one) return recorded(one, { state: "incomplete" });
  const { code, counts } = one.content;
  if (code === "explained") return recorded(one, { state: "same" });
  if (there?.isNew === true) return recorded(one, { state: "recorded", ...(counts === undefined ? {} : { counts }) });
  // Somebody answered at the same moment; theirs stands.
  return recorded(one, { state: there !== undefined && isSame(there.issue, one) ? "same" : "conflict" });
}

type Said = Recorded extends infer R ? (R extends Recorded ? Omit<R, "order" | "item"> : never) : never;

function recorded({ reminder }: Entry, said: Said): Recorded {
  return { order: reminder.order, item: reminder.item, ...said } as Recorded;
}

function done({ outcome, reminder }: Entry, said: Said): Planned {
  return { outcome, reminder, done: recorded({ outcome, reminder }, said) };
}
