import type { InstitutionCode } from "../../kernel/brand.ts";
import type { Kind } from "../../recognition/policy-schema.ts";
import { type AuditedCheck, historyEvent, newCheckId } from "./audit-check.ts";
import type { AnswerResult, CheckAnswer, RecognitionCheck } from "./check.ts";
import type { CheckDeps, RecognitionData } from "./check-deps.ts";
import { type Decided, decideDrafts, shownIn } from "./decide-drafts.ts";
import { askedOf, gatherResults, type Need, needOf, stillPermitted } from "./gather-results.ts";
import { resultOf } from "./present-answer.ts";
import { readPriors } from "./read-priors.ts";

/** A question when the patient is identified: what exists within the horizon. */
export interface HistoryQuestion extends Omit<RecognitionCheck, "orders"> {
  /** Absent = laboratory and imaging. */
  readonly kinds?: readonly Kind[];
}

/** What exists: a result for each item that has any, as if the item were ordered now. Nothing of it is a reminder. */
export interface HistoryAnswer extends Pick<CheckAnswer, "id" | "policy" | "asked" | "note"> {
  /** `order` is the item's id. */
  readonly results: readonly AnswerResult[];
  /** Permitted sources that did not answer, or not wholly: nothing is known of what they hold. */
  readonly silent: readonly { readonly source: InstitutionCode; readonly sourceName: string; readonly text: string }[];
}

/** Newest results of one item; a doctor who wants more looks the patient up. */
const mostOfAnItem = 5;

/**
 * What exists about a resident within the policy's horizon. Asks what a check asks, in the same order, and so warms it: an institution with a server of its
 * own that is late here has its answer ready at the order. Without consent it is the same answer as for a resident nobody knows.
 */
export async function recognitionHistory(deps: CheckDeps, asked: HistoryQuestion): Promise<HistoryAnswer> {
  const data = await deps.recognitionData();
  const question = questionOf(deps, asked, data);
  const gathered = await gatherResults(deps, question);
  const nothing = {
    id: question.id,
    policy: question.policy,
    asked: "none",
    results: [],
    silent: [],
    note: deps.note,
  } as const;
  if (gathered.kind === "deny") {
    await deps.record(historyEvent(deps, question, { refused: gathered.reason }));
    return nothing;
  }
  const { judged, findings } = gathered;
  const places = readPriors(findings.found, judged, data.catalogue);
  const results = { priors: [...places.keys()], silent: findings.silent };
  const decided = decideDrafts(
    deps,
    { ...question, data },
    { drafts: question.drafts, evidence: { results, transcripts: [] } },
  );
  const existing = decided.flatMap(newestOf);
  await deps.record(historyEvent(deps, question, { basis: judged.basis, results: shownIn(existing) }));
  const withdrawn = await stillPermitted(deps, question, judged);
  if (withdrawn.kind === "deny") {
    await deps.record(historyEvent(deps, { ...question, id: newCheckId(deps) }, { refused: withdrawn.reason }));
    return nothing;
  }
  const presenting = { catalogue: data.catalogue, places, nameOf: (code: string) => deps.institutionOf(code)?.name ?? code };
  return {
    ...nothing,
    asked: askedOf(asked.asker.institution, judged, findings.silent),
    results: existing.map((one) => resultOf(one, presenting)),
    silent: [...new Map(findings.silent.map((one) => [one.source, one.cause]))].map(([source, cause]) => ({
      source,
      sourceName: presenting.nameOf(source),
      text: data.catalogue.textOf(cause),
    })),
  };
}

function questionOf(deps: CheckDeps, asked: HistoryQuestion, { catalogue }: RecognitionData): Need & AuditedCheck {
  const kinds = asked.kinds ?? (["lab", "imaging"] as const);
  const items = [...catalogue.items.values()].filter((item) => kinds.includes(item.kind));
  const drafts = items.map((item) => ({ order: item.id, item }));
  return {
    ...{ check: asked, id: newCheckId(deps), policy: catalogue.version, drafts },
    ...needOf(drafts, catalogue, deps.now()),
    kinds,
    // One category instead of every code of the catalogue.
    labCodes: kinds.includes("lab") ? "all" : [],
  };
}

/** The newest results of an item that has any; the rest is neither shown nor named in the audit. */
function newestOf({ reminder: _, ...one }: Decided): Decided[] {
  if (one.decision === undefined) return [];
  const { others, own } = one.decision;
  if (others.length + own.length === 0) return [];
  const decision = { ...one.decision, others: others.slice(0, mostOfAnItem), own: own.slice(0, mostOfAnItem) };
  return [{ ...one, decision }];
}
