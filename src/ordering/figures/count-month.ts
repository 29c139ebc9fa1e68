import type { RecognitionFact } from "../outcomes/facts.ts";
import { standingOf, stillStands } from "./case-state.ts";
import { type Counted, createCounting } from "./counting.ts";
import type { Dimension, Measure } from "./measures.ts";
import type { Month } from "./month.ts";
import type { BrokenDown, MonthFigures } from "./tally.ts";

/** 98: a hospital that did not receive the images can judge nothing; the case tells of an upload that is missing. */
const imagesNotReceived = "images-not-received";

/** A paper result that was typed in; the List of its visit stands for the 人次. */
export interface Typing {
  readonly at: Date;
  readonly list: string;
}

/** Everything an institution's figures of a month rest on. Facts may reach beyond the month: those after it only tell how its cases ended. */
export interface MonthFacts {
  /** Of its own orders, from the month's first moment until the answer window of its last reminder is over (or until now). */
  readonly own: readonly RecognitionFact[];
  /** Of others' orders, about its results; the same time. */
  readonly ofOthers: readonly RecognitionFact[];
  readonly typed: readonly Typing[];
  /** How many results of each item it reported itself. */
  readonly reported: ReadonlyMap<string, number>;
}

/** Whose month it is, and by which clock. */
export interface Frame {
  readonly institution: string;
  readonly month: Month;
  readonly answerWindowMs: number;
  readonly now: Date;
  /** The day of the region. */
  readonly dayOf: (at: Date) => string;
}

/** When nothing can change the figures of a month any more. */
export function settledFrom(month: Month, answerWindowMs: number): Date {
  return new Date(month.until.getTime() + answerWindowMs);
}

/** Counts an institution's month from its facts (recognition.md §8, §9). Pure: the same facts give the same figures, in whatever order they come. */
export function countMonth(facts: MonthFacts, frame: Frame): MonthFigures {
  const { institution, month, answerWindowMs, now } = frame;
  const recogniser = countOwn(facts, frame);
  return {
    institution,
    month: month.name,
    settled: now >= settledFrom(month, answerWindowMs),
    recogniser,
    recognised: countOfOthers(facts.ofOthers, frame),
    departments: departmentsIn(facts.own, recogniser),
  };
}

type Add = (measure: Measure, fact: RecognitionFact, more?: Partial<Counted>) => void;

function countOwn({ own, typed, reported }: MonthFacts, frame: Frame): BrokenDown {
  const { month, dayOf, answerWindowMs } = frame;
  const counting = createCounting();
  const settled = settledFrom(month, answerWindowMs);
  const told = once(own).filter((fact) => fact.at < settled);
  const byCase = Map.groupBy(told, (fact) => fact.case);
  const add: Add = (measure, fact, more = {}) =>
    counting.add(measure, { visit: `${fact.resident} ${dayOf(fact.at)}`, keys: keysOf(fact), ...more });
  for (const facts of byCase.values()) {
    for (const fact of facts.filter(({ at }) => isIn(month, at))) {
      if (fact.kind === "reminder") countReminder(fact, facts, { frame, add });
      else countSaid(fact, facts, add);
    }
  }
  for (const { at, list } of typed) if (isIn(month, at)) counting.add("typed", { visit: list, keys: {} });
  for (const [item, amount] of reported) if (amount > 0) counting.add("reported", { visit: "", keys: { item }, amount });
  return counting.done();
}

function countReminder(
  reminder: RecognitionFact,
  facts: readonly RecognitionFact[],
  { frame, add }: { frame: Frame; add: Add },
): void {
  const { must = 0, may = 0 } = reminder.shown ?? {};
  add("reminded", reminder);
  if (must + may === 0) return;
  add("eligible", reminder);
  if (must > 0) add("must", reminder);
  const until = new Date(reminder.at.getTime() + frame.answerWindowMs);
  const { state, reason } = standingOf(facts, frame.now < until);
  const keys = { ...keysOf(reminder), ...(reason === undefined ? {} : { reason }) };
  add(state, reminder, { keys });
  if (reason === imagesNotReceived) add("notReceived", reminder, { keys });
}

const plainly: Partial<Record<RecognitionFact["kind"], Measure>> = {
  referenced: "referenced",
  viewed: "viewed",
  revoked: "revoked",
  appealed: "appealed",
  "fault-reported": "faultReported",
  amended: "amended",
};

function countSaid(fact: RecognitionFact, facts: readonly RecognitionFact[], add: Add): void {
  const plain = plainly[fact.kind];
  if (plain !== undefined) add(plain, fact);
  if (fact.kind === "declined") add(fact.counts === false ? "declinedApart" : "declined", fact);
  if (fact.kind === "adopted") countAdopted(fact, facts, add);
}

function countAdopted(fact: RecognitionFact, facts: readonly RecognitionFact[], add: Add): void {
  add("adopted", fact);
  if (!stillStands(fact, facts)) return;
  add("standing", fact);
  if (fact.fen === undefined) add("unpriced", fact);
  else add("savedFen", fact, { amount: fact.fen });
}

/** What others did with its results; what they were merely reminded of is theirs (recognition.md §8: 被互认方只计互认). */
function countOfOthers(facts: readonly RecognitionFact[], { institution, month, dayOf, answerWindowMs }: Frame): BrokenDown {
  const counting = createCounting();
  const settled = settledFrom(month, answerWindowMs);
  const about = once(facts).filter(
    (fact) => fact.source === institution && fact.institution !== institution && fact.at < settled,
  );
  const add: Add = (measure, fact, more = {}) =>
    counting.add(measure, {
      visit: `${fact.institution} ${fact.resident} ${dayOf(fact.at)}`,
      keys: { ...keysOf(fact), partner: fact.institution },
      ...more,
    });
  for (const group of Map.groupBy(about, (fact) => fact.case).values()) {
    for (const fact of group.filter(({ at }) => isIn(month, at))) {
      if (fact.kind === "adopted") countAdopted(fact, group, add);
      else if (fact.kind === "viewed" || fact.kind === "referenced" || fact.kind === "fault-reported")
        countSaid(fact, group, add);
      else if (fact.kind === "revoked" && fact.revokes !== "declined") add("revoked", fact);
    }
  }
  return counting.done();
}

function keysOf(fact: RecognitionFact): Partial<Record<Dimension, string>> {
  return {
    item: fact.item,
    department: fact.department?.code ?? "-",
    setting: fact.setting,
    ...(fact.kind === "declined" && fact.reason !== undefined ? { reason: fact.reason } : {}),
    ...(fact.source === undefined ? {} : { partner: fact.source }),
  };
}

/** A fact that was read twice is one. */
function once(facts: readonly RecognitionFact[]): RecognitionFact[] {
  return [...new Map(facts.map((fact) => [`${fact.kind} ${fact.id}`, fact])).values()];
}

function isIn({ from, until }: Month, at: Date): boolean {
  return at >= from && at < until;
}

/** Names of the departments that have a row; where one was told with two names, the last of them. */
function departmentsIn(facts: readonly RecognitionFact[], { by }: BrokenDown): Record<string, string> {
  const named = facts.flatMap(({ department }) => {
    const { code, name } = department ?? {};
    return code === undefined || name === undefined || by.department[code] === undefined ? [] : [[code, name] as const];
  });
  return Object.fromEntries(named.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1)));
}
