import type { Answer, Line, Result } from "../../src/web/popup/answer.ts";

/** A line of a check's answer: creatinine of another hospital that must be recognised, with whatever a test changes. */
export function line(changes: Partial<Line> = {}): Line {
  return {
    recognition: "must",
    source: "a-provincial",
    sourceName: "临湖省人民医院",
    value: "86",
    unit: "μmol/L",
    referenceRange: "57-111",
    collectedAt: "2026-11-18T08:12:00+08:00",
    mark: "临HR",
    daysLeft: 6.4,
    reasons: [],
    evidence: "a-provincial/Observation/h1/_history/1",
    ...changes,
  } as Line;
}

export function result(changes: Partial<Result> = {}): Result {
  return { order: "o1", item: "creatinine", itemName: "肌酐", lines: [line()], own: [], transcribed: [], ...changes };
}

export function answer(results: readonly Result[], changes: Partial<Answer> = {}): Answer {
  return {
    id: `h${"0f".repeat(20)}`,
    policy: "linhu 2026.1",
    answerUntil: "2026-11-25T00:00:00Z",
    asked: "all",
    results,
    panels: [],
    note: "n",
    ...changes,
  };
}
