import { auditEvent } from "../audit/audit-event.ts";
import { asFault } from "../kernel/fault.ts";
import { questionOf } from "../sources/answer.ts";
import { askSources } from "../sources/ask-sources.ts";
import { takePermitted } from "../sources/check-answer.ts";
import { type Claim, claimTask, closeTask, giveBackTask } from "../work/claim-task.ts";
import { attemptOf, textField } from "../work/task.ts";
import { type Judged, judgeLookup } from "./judge-lookup.ts";
import { type Lookup, lineOf, lineText, lookupOf, type SourceLine } from "./lookup.ts";
import type { LookupDeps } from "./lookup-deps.ts";
import { isOpen } from "./news.ts";
import { reconsiderLookup } from "./reconsider-lookup.ts";
import { basisEntities, lookupEntity } from "./request-lookup.ts";

/**
 * Does the work of one lookup: takes it over, asks consent again, asks the permitted sources, seals each answer as it comes, and closes the
 * Task under its fence with a line per source. Closing discloses nothing; only a reading does. Throws `Fault("work-lost")` when another
 * worker took it over, `Fault("store-down")` when the store went away (the attempt is given back as far as possible).
 */
export async function runLookup(deps: LookupDeps, id: string): Promise<void> {
  const task = await deps.store.read("DEFAULT", "Task", id);
  if (task === undefined || !isOpen(task)) return;
  const lookup = lookupOf(task);
  // Claiming and judging need nothing of each other. Sources may be asked meanwhile; nothing is kept or closed before the claim holds.
  const claiming = claimTask(deps.store, id, deps.now(), task);
  const working = askPermitted(deps, lookup, async () => (await claiming).kind === "claimed");
  working.catch(() => {});
  const claimed = await claiming;
  if (claimed.kind !== "claimed") return;
  try {
    const { judged, lines } = await working;
    if (judged.kind === "deny") await holdAgain(deps, claimed, lookup, judged);
    else await close(deps, claimed, { lookup, judged, lines });
    await deps.progress.tell(lookup.id, "status");
  } catch (error) {
    if (asFault(error).traits.retry === "soon") await giveBackTask(deps.store, claimed, deps.now()).catch(() => {});
    throw error;
  }
}

/** Asks consent again, then the sources it permits; each answer is sealed as it comes, by the worker that owns the lookup only. */
async function askPermitted(
  deps: LookupDeps,
  lookup: Lookup,
  mine: () => Promise<boolean>,
): Promise<{ judged: Judged; lines: readonly SourceLine[] }> {
  const judged = await judgeLookup(deps, lookup);
  if (judged.kind === "deny") return { judged, lines: [] };
  const lines: SourceLine[] = [];
  await askSources(deps.sources, { patients: judged.patients, question: questionOf(lookup) }, async (answer) => {
    if (!(await mine())) return;
    const permitted = takePermitted(answer, judged.permits);
    if (answer.reason !== undefined)
      deps.log.warn({ lookup: lookup.id, source: answer.institution, reason: answer.reason }, "a source did not answer");
    lines.push(lineOf(permitted));
    await deps.answers.keep(lookup.id, permitted);
    await deps.progress.tell(lookup.id, "source");
  });
  return { judged, lines };
}

async function close(deps: LookupDeps, claim: Claim, ran: { lookup: Lookup; judged: Judged; lines: readonly SourceLine[] }) {
  const { lookup, judged } = ran;
  const lines = [...ran.lines].sort((a, b) => a.source.localeCompare(b.source));
  const at = deps.now();
  const audit = auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", "lookup-run", lookup.id),
    kind: "lookup-run",
    at,
    outcome: "success",
    agent: lookup.asker,
    resident: lookup.resident,
    purpose: lookup.purpose,
    entities: [lookupEntity(lookup.id, lines), ...basisEntities(judged)],
  });
  const outputs = lines.map((line) => textField("line", lineText(line)));
  await closeTask(deps.store, claim, { status: "completed", outputs, audit: [audit] }, at);
}

/** Withdrawn between accepting and running: it waits again, as if nobody had ever consented. */
async function holdAgain(
  deps: LookupDeps,
  claim: Claim,
  lookup: Lookup,
  judged: Extract<Judged, { kind: "deny" }>,
): Promise<void> {
  const at = deps.now();
  const audit = auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", "lookup-held", lookup.id, claim.fence),
    kind: "refusal",
    at,
    outcome: "refused",
    reason: judged.reason,
    agent: lookup.asker,
    resident: lookup.resident,
    purpose: lookup.purpose,
    entities: [lookupEntity(lookup.id)],
  });
  // A start that only found the door closed does not count, however often consent comes and goes.
  const attempt = textField("attempt", String(attemptOf(claim.task) - 1));
  await closeTask(deps.store, claim, { status: "on-hold", outputs: [attempt], audit: [audit] }, at);
  const held = await deps.store.read("DEFAULT", "Task", lookup.id);
  if (held?.status === "on-hold") await reconsiderLookup(deps, held);
}
