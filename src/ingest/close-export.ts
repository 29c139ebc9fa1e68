import { auditEvent } from "../audit/audit-event.ts";
import { resourceReference } from "../fhir/reference.ts";
import type { FhirStore } from "../fhir/store.ts";
import type { ResourceId } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { MappingReport } from "../mapping/mapped.ts";
import { type Claim, closeTask } from "../work/claim-task.ts";
import { textField } from "../work/task.ts";
import { type ExportFacts, exportOf, progressOutput } from "./export-task.ts";
import { type Landed, type Landing, landJson } from "./landing.ts";
import type { Counts, Progress } from "./ledger.ts";

interface CloseDeps {
  readonly store: FhirStore;
  readonly landing: Landing;
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly now: Now;
}

/** How an export ended: counts, the mapping's report, where the issue list lies. */
export interface ExportResult {
  readonly facts: ExportFacts;
  readonly progress: Progress;
  readonly report: MappingReport;
  readonly issueList: Landed | undefined;
  /** Rows that wait for their sheet, and resources that are not what their profile allows; each has its line in the issue list. */
  readonly told: { readonly waiting: number; readonly invalid: number };
}

/** Closes the Task with its counts and one AuditEvent, in one transaction under the fence. Throws `Fault("work-lost")`, `Fault("store-down")`. */
export async function closeExport(deps: CloseDeps, claim: Claim, result: ExportResult): Promise<void> {
  const { facts, progress, report, issueList, told } = result;
  const landedReport = await landJson(deps.landing, report);
  const mappingIssues = Object.values(report.issues).reduce((sum, count) => sum + count, 0);
  // To the mapping a row that waits for its sheet is an orphan; the list tells it once, as waiting.
  const toldAsWaiting = Math.min(report.issues.orphan ?? 0, told.waiting);
  const counts: Counts = {
    ...progress.counts,
    ...(told.waiting === 0 ? {} : { waiting: told.waiting }),
    ...(told.invalid === 0 ? {} : { invalid: told.invalid }),
    issues: mappingIssues - toldAsWaiting + progress.issues.length + told.waiting + told.invalid,
  };
  await closeTask(
    deps.store,
    claim,
    {
      status: "completed",
      outputs: [
        progressOutput({ sheets: progress.sheets, counts }),
        textField("report", landedReport),
        ...(issueList === undefined ? [] : [textField("issues", issueList.sha256)]),
      ],
      audit: [finished(deps, claim, facts, { outcome: "success", counts })],
    },
    deps.now(),
  );
}

/** Closes the Task of an export that can never be worked through; `reason` is a code. */
export async function failExport(deps: CloseDeps, claim: Claim, reason: string): Promise<void> {
  const facts = exportOf(claim.task) ?? { feed: "", client: "unknown", files: [] };
  const audit = [finished(deps, claim, facts, { outcome: "failed", counts: {}, reason })];
  await closeTask(deps.store, claim, { status: "failed", outputs: [], reason, audit }, deps.now());
}

function finished(
  deps: CloseDeps,
  claim: Claim,
  facts: ExportFacts,
  how: { readonly outcome: "success" | "failed"; readonly counts: Counts; readonly reason?: string },
) {
  const id = claim.task.id as ResourceId;
  const detail = Object.fromEntries(Object.entries(how.counts).map(([name, count]) => [name, String(count)]));
  return auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", "export-finished", id),
    kind: "export-finished",
    at: deps.now(),
    outcome: how.outcome,
    agent: { client: facts.client },
    entities: [{ what: resourceReference({ tenant: "DEFAULT", type: "Task", id }), detail: { feed: facts.feed, ...detail } }],
    ...(how.reason === undefined ? {} : { reason: how.reason }),
  });
}
