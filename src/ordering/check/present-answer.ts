import { instant } from "../../kernel/clock.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import type { Reason, Recognition, Silence } from "../../recognition/decide.ts";
import type { Item } from "../../recognition/policy-schema.ts";
import { evidenceOf, type Prior } from "../../recognition/prior.ts";
import { trendOf } from "../../recognition/trend.ts";
import { withoutUndefined } from "../without-undefined.ts";
import type { AnswerLine, AnswerReason, AnswerResult } from "./check.ts";
import type { Decided } from "./decide-drafts.ts";
import type { Places } from "./read-priors.ts";

/** What presenting needs beside the decision: the sentences of the policy, the names of institutions, where reports and images are. */
export interface Presenting {
  readonly catalogue: Catalogue;
  readonly nameOf: (institution: string) => string;
  readonly places: ReadonlyMap<Prior, Places>;
}

/** The result for one draft order: critical results first, then newest first, then the silent sources. An item that is in no catalogue has a reason and nothing else. */
export function resultOf(decided: Decided, presenting: Presenting): AnswerResult {
  const { order, item, panel, decision, reminder, transcribed } = decided;
  const { catalogue } = presenting;
  if (item === undefined) {
    const reasons = [{ code: "item-unknown", text: catalogue.textOf("item-unknown") }];
    return { order, lines: [], own: [], transcribed: [], reasons };
  }
  const others = decision?.others ?? [];
  const criticalFirst = [...others].sort((a, b) => Number(b.prior.critical) - Number(a.prior.critical));
  const unknown = decision?.unknown ?? [];
  return withoutUndefined({
    order,
    item: item.id,
    itemName: item.name,
    panel: panel?.id,
    reminder: reminder?.uuid,
    case: reminder?.case,
    lines: [
      ...criticalFirst.map((one) => lineOf(one, item, presenting)),
      ...unknown.map((one) => unknownLine(one, item, presenting)),
    ],
    own: (decision?.own ?? []).map((one) => lineOf(one, item, presenting)),
    transcribed: transcribed.map((one) => ({
      ...withoutUndefined({ ...lineOf(one.recognition, item, presenting), evidence: undefined, original: one.original }),
      source: one.typedBy,
      sourceName: one.printedName,
    })),
    trend: decision === undefined ? undefined : trendOf(decision),
  });
}

function lineOf(recognition: Recognition, item: Item, presenting: Presenting): AnswerLine {
  const { prior, cover } = recognition;
  return withoutUndefined({
    recognition: recognition.recognition,
    source: prior.source,
    sourceName: presenting.nameOf(prior.source),
    laboratory: prior.laboratory,
    itemName: item.name,
    value: prior.value,
    unit: prior.unit,
    referenceRange: prior.referenceRange,
    collectedAt: textOf(prior.collectedAt),
    performedAt: textOf(prior.performedAt),
    reportedAt: textOf(prior.reportedAt),
    mark: prior.mark,
    daysLeft: recognition.daysLeft,
    critical: prior.critical ? true : undefined,
    reasons: recognition.reasons.map((reason) => reasonOf(reason, presenting.catalogue)),
    basis: cover?.basis,
    certificate: cover?.certificate,
    evidence: evidenceOf(prior),
    ...presenting.places.get(prior),
  });
}

function unknownLine({ source, cause }: Silence, item: Item, { catalogue, nameOf }: Presenting): AnswerLine {
  return {
    recognition: "unknown",
    source,
    sourceName: nameOf(source),
    itemName: item.name,
    reasons: [{ code: cause, text: catalogue.textOf(cause) }],
  };
}

function reasonOf({ code, facts, rule, clause, effect }: Reason, catalogue: Catalogue): AnswerReason {
  const number = (name: string) => (typeof facts?.[name] === "number" ? facts[name] : undefined);
  return withoutUndefined({
    code,
    text: catalogue.textOf(code, facts),
    rule,
    clause,
    effect,
    ageDays: number("ageDays"),
    windowDays: number("windowDays"),
  });
}

function textOf(at: Date | undefined): string | undefined {
  return at === undefined ? undefined : instant(at);
}
