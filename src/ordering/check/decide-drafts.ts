import { Fault } from "../../kernel/fault.ts";
import { uuidOf } from "../../kernel/uuid.ts";
import { type Decision, decide, type Recognition } from "../../recognition/decide.ts";
import { advisePanel } from "../../recognition/panel.ts";
import type { Item } from "../../recognition/policy-schema.ts";
import { evidenceOf, type Prior } from "../../recognition/prior.ts";
import { type DecidedTranscript, decideTranscribed, type Transcript } from "../transcripts/transcribed-results.ts";
import type { PanelAdvice, RecognitionCheck } from "./check.ts";
import type { CheckDeps, RecognitionData } from "./check-deps.ts";
import type { RecordedReminder } from "./check-record.ts";
import type { Draft } from "./draft-orders.ts";
import type { Findings } from "./find-results.ts";

/** A draft order with what was decided; without a decision nothing of anybody may be shown against it. */
export interface Decided extends Draft {
  readonly decision?: Decision;
  readonly transcribed: readonly DecidedTranscript[];
  readonly reminder?: RecordedReminder;
}

/** Everything a decision on draft orders rests on. */
export interface DraftGrounds {
  readonly check: Pick<RecognitionCheck, "asker" | "resident" | "visit" | "emergency">;
  /** Id of the check. */
  readonly id: string;
  readonly data: RecognitionData;
  readonly now: Date;
}

/** What was found, and what was typed in during this visit; `results` absent = not permitted. */
export interface Evidence {
  readonly results?: { readonly priors: readonly Prior[]; readonly silent: Findings["silent"] };
  readonly transcripts: readonly Transcript[];
}

/** Decides each draft order by itself and gives those a reminder against which a result of another institution stands. */
export function decideDrafts(
  deps: CheckDeps,
  grounds: DraftGrounds,
  of: { readonly drafts: readonly Draft[]; readonly evidence: Evidence },
): Decided[] {
  return of.drafts.map((draft) => {
    if (draft.item === undefined) return { ...draft, transcribed: [] };
    const { results, transcripts } = of.evidence;
    const { order, facts } = orderOf(deps, grounds, draft.item);
    const about = (results?.silent ?? []).filter(
      (one) => one.kind === order.item.kind && one.source !== order.institution.code,
    );
    const decision = results === undefined ? undefined : decide(results.priors, order, facts, sourcesOf(about));
    const transcribed = decideTranscribed(transcripts, { order, facts, found: decision });
    if (decision === undefined) return { ...draft, transcribed };
    const reminder = reminderOf(deps, grounds, { draft: { ...draft, item: draft.item }, decision });
    return { ...draft, decision, transcribed, ...(reminder === undefined ? {} : { reminder }) };
  });
}

function orderOf(deps: CheckDeps, { check, data, now }: DraftGrounds, item: Item) {
  const institution = deps.institutionOf(check.asker.institution);
  if (institution === undefined) throw new Fault("not-entitled");
  const setting = check.visit?.kind ?? "outpatient";
  const emergency = check.emergency === true || setting === "emergency";
  const department = check.visit?.department?.code;
  return {
    order: { item, institution, setting, emergency, ...(department === undefined ? {} : { department }) },
    facts: { ...data, institutionOf: deps.institutionOf, now },
  };
}

/** One silence per source: its own words about the gravest cause are enough. */
function sourcesOf(silent: Findings["silent"]): Findings["silent"] {
  return [...new Map(silent.map((one) => [one.source, one])).values()];
}

function reminderOf(
  deps: CheckDeps,
  { check, id, data, now }: DraftGrounds,
  { draft, decision }: { draft: Draft & { readonly item: Item }; decision: Decision },
): RecordedReminder | undefined {
  if (decision.others.length === 0) return undefined;
  const { order, item, panel } = draft;
  const { institution } = check.asker;
  const parts = [check.resident, check.visit?.number ?? "-", order, item.id, data.catalogue.dayOf(now)];
  return {
    uuid: uuidOf(deps.suite, "DEFAULT", "reminder", id, order, item.id),
    order,
    item: item.id,
    ...(panel === undefined ? {} : { panel: panel.id }),
    case: deps.suite.computeId(institution, "DetectedIssue", "recognition", ...parts),
    results: decision.others.map(recorded),
    own: decision.own.length,
    unknown: decision.unknown.map((one) => one.source),
  };
}

function recorded({ prior, recognition, daysLeft, cover }: Recognition): RecordedReminder["results"][number] {
  const { laboratory } = prior;
  return {
    address: prior.address,
    version: prior.version,
    recognition,
    ...(daysLeft === undefined ? {} : { daysLeft }),
    ...(cover === undefined ? {} : { basis: cover.basis }),
    ...(cover?.certificate === undefined ? {} : { certificate: cover.certificate }),
    ...(cover?.state === undefined ? {} : { certificateState: cover.state }),
    ...(laboratory === undefined ? {} : { laboratory }),
  };
}

/** Advice on each order of a panel, from the decisions on its members. */
export function advisePanels(decided: readonly Decided[], data: RecognitionData): PanelAdvice[] {
  const byOrder = Map.groupBy(
    decided.filter((one) => one.panel !== undefined),
    (one) => one.order,
  );
  return [...byOrder].flatMap(([order, members]) => {
    const panel = members[0]?.panel;
    if (panel === undefined) return [];
    const decisions = new Map(
      members.flatMap(({ item, decision }) =>
        item === undefined || decision === undefined ? [] : [[item.id, decision] as const],
      ),
    );
    const { advice, recognised, remaining } = advisePanel(panel, decisions);
    const named = remaining.map((item) => ({ item, name: data.catalogue.items.get(item)?.name ?? item }));
    return [{ order, panel: panel.id, name: panel.name, advice, recognised, remaining: named }];
  });
}

/** Every result that is about to be shown, others' and the institution's own, once each. */
export function shownIn(decided: readonly Decided[]): Recognition[] {
  const all = decided.flatMap(({ decision }) => [...(decision?.others ?? []), ...(decision?.own ?? [])]);
  return [...new Map(all.map((one) => [evidenceOf(one.prior), one])).values()];
}
