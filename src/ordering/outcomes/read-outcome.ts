import type { FhirStore } from "../../fhir/store.ts";
import { systems } from "../../fhir/systems.ts";
import { instant } from "../../kernel/clock.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import { evidenceOf } from "../../recognition/prior.ts";
import type { Orderer } from "../check/check.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import type { CheckRecord, RecordedReminder, RecordedResult } from "../check/check-record.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { type FactInEvent, factIn } from "./fact-event.ts";
import { type CaseState, readCases } from "./read-cases.ts";
import type { ReadIssue } from "./read-issue.ts";
import { ownCheck } from "./spoken-cases.ts";

/** How a reminder stands. `ignored` (未处理): nobody answered in time; `superseded`: what was adopted has been changed or voided since. */
export type OutcomeState = "waiting" | "adopted" | "declined" | "incomplete" | "ignored" | "revoked" | "superseded";

/** One thing said on a case, earliest first. */
export interface Said {
  readonly what: ReadIssue["code"] | "incomplete" | "viewed" | "referenced" | "amended";
  /** Instant. */
  readonly at: string;
  readonly by?: string;
  readonly evidence?: string;
  readonly reason?: string;
  readonly counts?: boolean;
  readonly text?: string;
  readonly explained?: { readonly by?: string; readonly at?: string };
}

/** A reminder of a check and what became of it. */
export interface CaseView {
  readonly order: string;
  readonly item: string;
  readonly itemName: string;
  readonly panel?: string;
  readonly reminder: string;
  readonly case: string;
  readonly state: OutcomeState;
  /** Results of other institutions that were shown, newest first, with what was decided. */
  readonly shown: readonly (Pick<RecordedResult, "recognition" | "daysLeft"> & { readonly evidence: string })[];
  /** A refusal that stands and does not say that the patient was told why. */
  readonly explanationOwed?: boolean;
  readonly said: readonly Said[];
}

/** A check as its institution may see it again: what was reminded of, and what was said. No values: those it was shown at the time. */
export interface OutcomeView {
  readonly id: string;
  readonly at: string;
  readonly policy: string;
  readonly answerUntil: string;
  readonly visit?: string;
  readonly results: readonly CaseView[];
}

/** So many cases are asked for at once; a case has a handful of facts. */
const casesAtOnce = 40;
const pageSize = 199;

/** The state of each reminder of a check, for the institution that made it; undefined for everybody else. Throws `Fault("store-down")`. */
export async function readOutcome(
  deps: CheckDeps,
  { asker, check: id }: { readonly asker: Orderer; readonly check: string },
): Promise<OutcomeView | undefined> {
  const check = await ownCheck(deps, asker, id);
  if (check === undefined) return undefined;
  const names = check.reminders.map((one) => one.case);
  const [{ catalogue }, cases, facts] = await Promise.all([
    deps.recognitionData(),
    readCases(deps.store, check.institution, names),
    readCaseFacts(deps.store, names),
  ]);
  const until = new Date(check.at.getTime() + deps.answerWindowMs);
  const late = deps.now() > until;
  return {
    id: check.id,
    at: instant(check.at),
    policy: check.policy,
    answerUntil: instant(until),
    ...(check.visit === undefined ? {} : { visit: check.visit.number }),
    results: check.reminders.map((reminder) =>
      viewOf({ catalogue, late, check }, reminder, {
        state: cases.get(reminder.case) ?? { ordinal: 0, history: [] },
        facts: facts.get(reminder.case) ?? [],
      }),
    ),
  };
}

/** What events tell of cases beside their DetectedIssues: refusals without a reason, views, quotations, amendments. */
export async function readCaseFacts(
  store: Pick<FhirStore, "search" | "searchAll">,
  cases: readonly string[],
): Promise<ReadonlyMap<string, readonly FactInEvent[]>> {
  const parts: FactInEvent[] = [];
  for (let at = 0; at < cases.length; at += casesAtOnce) {
    const params = {
      "hutong-what": cases
        .slice(at, at + casesAtOnce)
        .map((one) => `${systems.recognitionCase}|${one}`)
        .join(","),
    };
    const page = await store.search("DEFAULT", "AuditEvent", params, pageSize);
    const events = page.more ? await store.searchAll("DEFAULT", "AuditEvent", params) : page.resources;
    parts.push(...events.flatMap((event) => factIn(event) ?? []));
  }
  return Map.groupBy(parts, (one) => one.case);
}

interface Known {
  readonly state: CaseState;
  readonly facts: readonly FactInEvent[];
}

function viewOf(
  { catalogue, late }: { catalogue: Catalogue; late: boolean; check: CheckRecord },
  reminder: RecordedReminder,
  known: Known,
): CaseView {
  const { standing } = known.state;
  return {
    order: reminder.order,
    item: reminder.item,
    itemName: catalogue.items.get(reminder.item)?.name ?? reminder.item,
    ...(reminder.panel === undefined ? {} : { panel: reminder.panel }),
    reminder: reminder.uuid,
    case: reminder.case,
    state: stateOf(known, late),
    shown: reminder.results.map(({ recognition, daysLeft, ...result }) => ({
      evidence: evidenceOf(result),
      recognition,
      ...(daysLeft === undefined ? {} : { daysLeft }),
    })),
    ...(standing?.code === "declined" && standing.counts === true && standing.explained === undefined
      ? { explanationOwed: true }
      : {}),
    said: saidOf(known),
  };
}

function stateOf({ state: { standing, ordinal, history }, facts }: Known, late: boolean): OutcomeState {
  if (standing?.code === "adopted") return isSuperseded(standing, facts) ? "superseded" : "adopted";
  if (standing !== undefined) return "declined";
  const open = facts.some((one) => one.detail.outcome === "incomplete" && Number(one.detail.ordinal ?? 0) === ordinal);
  if (open) return "incomplete";
  if (history.some((one) => one.code === "revoked")) return "revoked";
  return late ? "ignored" : "waiting";
}

/** Whether what an answer adopted has been changed since: an amendment of the same result told after it. */
export function isSuperseded({ result, at }: Pick<ReadIssue, "result" | "at">, facts: readonly FactInEvent[]): boolean {
  return facts.some(
    (one) => one.kind === "recognition-amended" && one.at >= at && one.result?.address.id === result?.address.id,
  );
}

/** Answers and what happened to them stand in DetectedIssues; of the events only what is nowhere else. */
function saidOf({ state, facts }: Known): Said[] {
  const issues = state.history.map((one) => ({
    what: one.code,
    time: one.at,
    by: one.practitioner,
    evidence: one.code === "adopted" && one.result !== undefined ? evidenceOf(one.result) : undefined,
    reason: one.reason,
    counts: one.counts,
    text: one.text,
    explained: one.explained,
  }));
  const events = facts.flatMap(({ kind, at, practitioner, result, detail }) => {
    const what = kind === "recognition-answered" ? detail.outcome : kind.replace("recognition-", "");
    if (!["incomplete", "viewed", "referenced", "amended"].includes(what ?? "")) return [];
    const evidence = result === undefined ? undefined : evidenceOf(result);
    return [{ what: what as Said["what"], time: at, by: practitioner, evidence }];
  });
  return [...issues, ...events]
    .sort((a, b) => a.time.getTime() - b.time.getTime())
    .map(({ time, ...one }) => withoutUndefined({ ...one, at: instant(time) })) as Said[];
}
