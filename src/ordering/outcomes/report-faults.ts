import type { ResourceAddress } from "../../fhir/reference.ts";
import type { InstitutionCode, ResourceId } from "../../kernel/brand.ts";
import type { Orderer } from "../check/check.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import type { CheckRecord, RecordedReminder, RecordedResult } from "../check/check-record.ts";
import { detectedIssue } from "./detected-issue.ts";
import { type Named, ownCheck, remindersNamed, resultNamed } from "./spoken-cases.ts";
import { type Follow, storeIssues } from "./store-issues.ts";

/** What can be wrong with a result; the words are in `text`. */
export const faultCodes = [
  "wrong-person",
  "wrong-value",
  "incomplete-report",
  "images-unreadable",
  "wrong-mark",
  "other",
] as const;
export type FaultOfResult = (typeof faultCodes)[number];

const faultNames: Record<FaultOfResult, string> = {
  "wrong-person": "不是本人的结果",
  "wrong-value": "结果有误",
  "incomplete-report": "报告不完整",
  "images-unreadable": "影像无法调阅",
  "wrong-mark": "互认标识有误",
  other: "其他",
};

/** A fault of a shown result, for its source (异常反馈). */
export interface FaultReport extends Named {
  readonly evidence: string;
  readonly fault: FaultOfResult;
  readonly text: string;
}

/** What became of one report. */
export interface ToldFault extends Named {
  readonly state: "recorded" | "same" | "unknown-order" | "evidence-not-shown";
}

/** A report that its source is to be told of: the DetectedIssue in the source's partition holds the words. */
export interface SourceToTell {
  readonly source: InstitutionCode;
  readonly about: ResourceAddress;
  readonly version: string;
  readonly check: string;
  readonly case: string;
  readonly issue: ResourceAddress;
}

/** Faults of results that one check showed. */
export interface FaultsGiven {
  readonly asker: Orderer;
  readonly check: string;
  readonly reports: readonly FaultReport[];
}

/** Answering needs the check's ports, and a way to put a notice before an institution; repeated, it is the same notice. */
export type FaultDeps = CheckDeps & { readonly tellSource: (report: SourceToTell) => Promise<void> };

interface Entry {
  readonly report: FaultReport;
  readonly reminder?: RecordedReminder;
  readonly result?: RecordedResult;
}

/**
 * Reports faults to the institutions that hold the results, each by itself: a DetectedIssue in the source's partition, a notice for its staff, a fact. It changes neither the result nor
 * any answer: the source corrects, and the correction finds every place where the result was shown. Undefined = the institution made no such check. Throws `Fault("store-down")`.
 */
export async function reportFaults(deps: FaultDeps, given: FaultsGiven): Promise<readonly ToldFault[] | undefined> {
  const check = await ownCheck(deps, given.asker, given.check);
  if (check === undefined) return undefined;
  const entries = given.reports.map((report): Entry => {
    const reminders = remindersNamed(check, report);
    const reminder = reminders.find((one) => resultNamed(one, report.evidence) !== undefined) ?? reminders[0];
    const result = reminder === undefined ? undefined : resultNamed(reminder, report.evidence);
    return { report, ...(reminder === undefined ? {} : { reminder }), ...(result === undefined ? {} : { result }) };
  });
  const told: ToldFault[] = [];
  for (const entry of entries) told.push(await reportOne(deps, { given, check }, entry));
  return told;
}

async function reportOne(
  deps: FaultDeps,
  { given, check }: { given: FaultsGiven; check: CheckRecord },
  { report, reminder, result }: Entry,
): Promise<ToldFault> {
  if (reminder === undefined) return { order: report.order, state: "unknown-order" };
  const named = { order: report.order, item: reminder.item };
  if (result === undefined) return { ...named, state: "evidence-not-shown" };
  const source = result.address.tenant as InstitutionCode;
  const words = deps.suite.blindIndex("fault", report.text);
  const id = deps.suite.computeId(source, "DetectedIssue", "fault", reminder.case, report.evidence, report.fault, words);
  const issue = detectedIssue({
    id,
    code: "fault-reported",
    at: deps.now(),
    asker: given.asker,
    check,
    reminder,
    ordinal: 0,
    result,
    reason: { system: "urn:hutong:result-fault", code: report.fault, display: faultNames[report.fault] },
    text: report.text,
  });
  const follow = followFaults(deps.tellSource);
  const [stored] = await storeIssues(deps, { check, holder: source, issues: [issue], follow });
  return { ...named, state: stored?.isNew === true ? "recorded" : "same" };
}

/** What follows from a stored report: its source is told. */
export function followFaults(tellSource: FaultDeps["tellSource"]): Follow {
  return async ({ issue, check, holder }) => {
    if (issue.code !== "fault-reported" || issue.result === undefined) return;
    await tellSource({
      source: holder as InstitutionCode,
      about: issue.result.address,
      version: issue.result.version,
      check: check.id,
      case: issue.case,
      issue: { tenant: holder, type: "DetectedIssue", id: issue.id as ResourceId },
    });
  };
}
