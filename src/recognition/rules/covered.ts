import { askBasis } from "../bases.ts";
import type { Cause, Facts, Judgement, RecognitionRule } from "./rule.ts";

/** Some basis of the policy covers the ordering institution: asked in the policy's order, each needs all its parts, any one is enough. */
export const covered: RecognitionRule = {
  id: "covered",
  question:
    "Does a basis of recognition cover the ordering institution, judged on the laboratory that measured and the day of the test?",
  law: "国卫医发〔2022〕6号 第十一、十二、十四条（互认标识及其范围）",
  own: false,
  required: true,
  causes: [
    "performer-unknown",
    "no-basis",
    "mark-missing",
    "mark-scope-unknown",
    "mark-not-covering",
    "mark-unsupported",
    "list-not-naming",
    "level-not-enough",
    "not-allied",
    "not-public",
  ],
  judge(facts) {
    if (facts.prior.laboratory === undefined) return { kind: "fails", effect: "may", causes: [{ code: "performer-unknown" }] };
    const missing: Cause[] = [];
    for (const basis of facts.catalogue.basesOf(facts.prior.kind)) {
      const answers = basis.all.map((name) => askBasis(name, facts, basis));
      const causes = answers.flatMap((answer) => (answer.kind === "lacks" ? [answer.cause] : []));
      if (causes.length === 0) {
        const cover = Object.assign(
          { basis: basis.id },
          ...answers.map((answer) => (answer.kind === "covers" ? answer.evidence : {})),
        );
        const notes = [
          ...answers.flatMap((answer) => (answer.kind === "covers" ? (answer.notes ?? []) : [])),
          ...falseMarks(missing),
        ];
        return { kind: "holds", cover, notes };
      }
      missing.push(...causes);
    }
    return failed(missing, facts);
  },
};

/** A mark without a passing certificate is flagged even where another basis carries the result. */
function falseMarks(causes: readonly Cause[]): Cause[] {
  return causes.filter((cause) => cause.code === "mark-unsupported");
}

function failed(missing: readonly Cause[], facts: Facts): Judgement {
  const unsupported = missing.some((cause) => cause.code === "mark-unsupported");
  const effect = unsupported ? facts.catalogue.head.unsupportedMark : "may";
  return { kind: "fails", effect, causes: missing.length === 0 ? [{ code: "no-basis" }] : missing };
}
