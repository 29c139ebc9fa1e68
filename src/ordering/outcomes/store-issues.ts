import type { AuditEvent, DetectedIssue, Task } from "@medplum/fhirtypes";
import { recordAudit } from "../../audit/record-audit.ts";
import { institutionReference } from "../../fhir/reference.ts";
import type { FhirStore } from "../../fhir/store.ts";
import type { Tenant } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { openTask } from "../../work/open-task.ts";
import { inputText, inputTexts, taskCode, textField } from "../../work/task.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import { type CheckRecord, readCheck } from "../check/check-record.ts";
import { issueFact } from "./answer-fact.ts";
import { type ReadIssue, readIssue } from "./read-issue.ts";

type Deps = Pick<CheckDeps, "store" | "suite" | "now" | "unique">;

/** DetectedIssues of one check that are to be stored in one partition. */
export interface IssuesToStore {
  readonly check: CheckRecord;
  /** The ordering institution, or the source a fault is reported to. */
  readonly holder: Tenant;
  readonly issues: readonly DetectedIssue[];
  /** Facts and refusals that need no DetectedIssue, committed with the others. */
  readonly audit?: readonly AuditEvent[];
  readonly follow?: Follow;
}

/** What else follows from a stored DetectedIssue, before its fact is told; must be safe to repeat. */
export type Follow = (stored: {
  readonly issue: ReadIssue;
  readonly check: CheckRecord;
  readonly holder: Tenant;
}) => Promise<void>;

/** What stands under an id, and whether this call made it. */
export interface Stored {
  readonly issue: ReadIssue;
  readonly isNew: boolean;
}

/** So many resources go out in one request. */
const mostAtOnce = 50;
const mostAttempts = 3;
/** A Task this old belongs to no request any more. */
const patienceMs = 120_000;

/**
 * Stores DetectedIssues, each create-only and by itself, and tells the facts of those that stand. They lie in two partitions, which no transaction spans: a waiting Task
 * is written first and closed with the facts, so that a fact whose writer died is told by `reconsiderIssues`. Gives back what stands under each id, in order,
 * and whether this call made it.
 */
export async function storeIssues(deps: Deps, wanted: IssuesToStore): Promise<Stored[]> {
  const { check, holder, issues, audit = [] } = wanted;
  if (issues.length === 0) {
    if (audit.length > 0) await recordAudit(deps.store, audit);
    return [];
  }
  const task = taskOf(deps, wanted);
  const opened = await openTask(deps.store, { task, audit: [] });
  const standing = await createAll(deps.store, holder, issues);
  // Of an answer that another check's request stored, that request tells the fact.
  const told = standing.filter(({ issue }) => issue.check === check.id);
  for (const { issue } of told) await wanted.follow?.({ issue, check, holder });
  const facts = told.flatMap(({ issue }) => issueFact(deps.suite, issue, check, holder) ?? []);
  await close(deps, opened.kind === "opened" ? opened.task : undefined, [...facts, ...audit]);
  return standing;
}

/** Each is made, or what stands in its place is read; of several that come at once the store refuses some for reasons that pass. */
async function createAll(store: FhirStore, holder: Tenant, issues: readonly DetectedIssue[]): Promise<Stored[]> {
  const made = new Set<string>();
  let left = issues;
  let others = new Map<string, ReadIssue>();
  for (let attempt = 0; left.length > 0; attempt++) {
    if (attempt === mostAttempts) throw new Fault("store-down");
    for (let at = 0; at < left.length; at += mostAtOnce) {
      const part = left.slice(at, at + mostAtOnce);
      const outcomes = await store.createMissing(holder, part);
      part.forEach((one, index) => void (outcomes[index] === "created" && made.add(one.id ?? "")));
    }
    const there = issues.flatMap((one) => (made.has(one.id ?? "") ? [] : [one.id ?? ""]));
    others = new Map((await readIssues(store, holder, there)).map((one) => [one.id, one]));
    left = issues.filter((one) => !made.has(one.id ?? "") && !others.has(one.id ?? ""));
  }
  return issues.map((one) => {
    const isNew = made.has(one.id ?? "");
    return { issue: (isNew ? readIssue(one) : others.get(one.id ?? "")) as ReadIssue, isNew };
  });
}

function taskOf({ suite, now, unique }: Deps, { check, holder, issues }: IssuesToStore): Task {
  const at = instant(now());
  return {
    resourceType: "Task",
    id: suite.computeId("DEFAULT", "Task", "recognition-answer", unique()),
    status: "on-hold",
    intent: "order",
    code: taskCode("recognition-answer"),
    requester: institutionReference(check.institution),
    authoredOn: at,
    lastModified: at,
    input: [
      textField("check", check.id),
      textField("holder", holder),
      ...issues.map((one) => textField("issue", one.id ?? "")),
    ],
  };
}

async function readIssues(store: Pick<FhirStore, "readMany">, holder: Tenant, ids: readonly string[]): Promise<ReadIssue[]> {
  if (ids.length === 0) return [];
  return (await store.readMany(holder, "DetectedIssue", ids)).flatMap((one) => readIssue(one) ?? []);
}

/** The facts and the end of the Task in one transaction. Facts are computed from what is stored: written twice they stay as they are. */
async function close(deps: Deps, task: Task | undefined, audit: readonly AuditEvent[]): Promise<void> {
  if (task === undefined) return await recordAudit(deps.store, audit);
  const closed: Task = { ...task, status: "completed", lastModified: instant(deps.now()) };
  const outcome = await deps.store.commit("DEFAULT", [
    { kind: "update", resource: closed, ifMatch: task.meta?.versionId ?? "" },
    ...audit.map((resource) => ({ kind: "put", resource }) as const),
  ]);
  // The sweeper closed it meanwhile.
  if (outcome.kind === "conflict") await recordAudit(deps.store, audit);
}

/** Tells the facts, and does what else follows, of DetectedIssues whose writer died between storing and telling; an answer that was never stored is none. */
export async function reconsiderIssues(deps: Deps & { readonly follow?: Follow }, task: Task): Promise<void> {
  if (deps.now().getTime() - Date.parse(task.authoredOn ?? "") < patienceMs) return;
  const check = await readCheck(deps.store, inputText(task, "check") ?? "");
  const holder = (inputText(task, "holder") ?? "") as Tenant;
  const stored = check === undefined ? [] : await readIssues(deps.store, holder, inputTexts(task, "issue"));
  const told =
    check === undefined ? [] : stored.filter((issue) => issue.check === check.id).map((issue) => ({ issue, check, holder }));
  for (const one of told) await deps.follow?.(one);
  const facts = told.flatMap(({ issue, check: of }) => issueFact(deps.suite, issue, of, holder) ?? []);
  await close(deps, task, facts);
}
