import type { ResourceId } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import { readTranscripts } from "../transcripts/read-transcripts.ts";
import type { Transcript } from "../transcripts/transcribed-results.ts";
import { type AuditedCheck, checkEvent, newCheckId, refusalEvent } from "./audit-check.ts";
import type { CheckAnswer, RecognitionCheck } from "./check.ts";
import type { CheckDeps, RecognitionData } from "./check-deps.ts";
import { advisePanels, type Decided, decideDrafts, shownIn } from "./decide-drafts.ts";
import { type Draft, draftsOf } from "./draft-orders.ts";
import { askedOf, type Gathered, gatherResults, type Need, needOf, stillPermitted } from "./gather-results.ts";
import { resultOf } from "./present-answer.ts";
import { readPriors } from "./read-priors.ts";

/** A check with everything that does not depend on the resident. */
interface Question extends Need, AuditedCheck {
  readonly check: RecognitionCheck;
  readonly id: ResourceId;
  readonly data: RecognitionData;
  readonly drafts: readonly Draft[];
}

/** What a check rests on: what was found or why nothing may be shown, and what was typed in during this visit. */
interface Known {
  readonly gathered: Gathered;
  readonly transcripts: readonly Transcript[];
}

/**
 * Says for each draft order which earlier results must, may or may not be recognised, and which permitted source did not answer in time.
 * Golden Patient and consents are read at once, then one `_ALL` search per resource type beside the institutions with a server of their own, then one audit
 * transaction; only then is there an answer. Without consent it is the same answer as for a resident nobody knows. Throws `Fault("store-down")`: then
 * nothing was shown.
 *
 * To read a check from end to end: this file, gather-results, judge-check, find-results, ask-remote-results, read-priors, decide-drafts, recognition/decide,
 * audit-check, present-answer.
 */
export async function checkRecognition(deps: CheckDeps, check: RecognitionCheck): Promise<CheckAnswer> {
  const question = questionOf(deps, check, await deps.recognitionData());
  const [gathered, transcripts] = await Promise.all([
    gatherResults(deps, question),
    readTranscripts(deps.store, { suite: deps.suite, check, catalogue: question.data.catalogue }),
  ]);
  return gathered.kind === "deny"
    ? await refuse(deps, question, { gathered, transcripts })
    : await disclose(deps, question, { gathered, transcripts });
}

function questionOf(deps: CheckDeps, check: RecognitionCheck, data: RecognitionData): Question {
  const { catalogue } = data;
  const drafts = draftsOf(check.orders, catalogue);
  return { check, id: newCheckId(deps), policy: catalogue.version, data, drafts, ...needOf(drafts, catalogue, deps.now()) };
}

async function refuse(deps: CheckDeps, question: Question, { gathered, transcripts }: Known): Promise<CheckAnswer> {
  const reason = gathered.kind === "deny" ? gathered.reason : "";
  await deps.record(refusalEvent(deps, question, reason));
  return refused(deps, question, transcripts);
}

function refused(deps: CheckDeps, question: Question, transcripts: readonly Transcript[]): CheckAnswer {
  const decided = decideDrafts(deps, question, { drafts: question.drafts, evidence: { transcripts } });
  return answerOf(deps, question, { decided, asked: "none", places: new Map() });
}

async function disclose(
  deps: CheckDeps,
  question: Question,
  { gathered, transcripts }: Known & { gathered: Extract<Gathered, { kind: "permit" }> },
): Promise<CheckAnswer> {
  const { judged, findings } = gathered;
  const { silent } = findings;
  const places = readPriors(findings.found, judged, question.data.catalogue);
  const results = { priors: [...places.keys()], silent };
  const decided = decideDrafts(deps, question, { drafts: question.drafts, evidence: { results, transcripts } });
  const shown = shownIn(decided);
  const reminders = decided.flatMap((one) => one.reminder ?? []);
  await deps.record(checkEvent(deps, question, { basis: judged.basis, results: shown, reminders, silent }));
  const withdrawn = await stillPermitted(deps, question, judged);
  if (withdrawn.kind === "deny") {
    const again = { ...question, id: newCheckId(deps) };
    await deps.record(refusalEvent(deps, again, withdrawn.reason));
    return refused(deps, again, transcripts);
  }
  flag(deps, question, decided);
  return answerOf(deps, question, { decided, asked: askedOf(question.check.asker.institution, judged, silent), places });
}

function answerOf(
  deps: CheckDeps,
  { id, data, now }: Question,
  of: { decided: readonly Decided[]; asked: CheckAnswer["asked"]; places: ReturnType<typeof readPriors> },
): CheckAnswer {
  const { catalogue } = data;
  const nameOf = (code: string) => deps.institutionOf(code)?.name ?? code;
  const presenting = { catalogue, places: of.places, nameOf };
  return {
    id,
    policy: catalogue.version,
    answerUntil: instant(new Date(now.getTime() + deps.answerWindowMs)),
    asked: of.asked,
    results: of.decided.map((one) => resultOf(one, presenting)),
    panels: advisePanels(of.decided, data),
    note: deps.note,
  };
}

/** Marks without a certificate go to the quality centre; a check neither waits for that nor fails by it. */
function flag(deps: CheckDeps, { id }: Question, decided: readonly Decided[]): void {
  const marks = shownIn(decided).flatMap(({ unsupportedMark, prior }) =>
    unsupportedMark === undefined ? [] : [{ ...unsupportedMark, about: prior.address, version: prior.version, check: id }],
  );
  if (marks.length === 0) return;
  deps
    .flagged(marks)
    .catch(() => deps.log.warn({ check: id, marks: marks.length }, "unsupported marks could not be handed on"));
}
