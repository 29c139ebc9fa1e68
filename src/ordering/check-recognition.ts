import { recordAudit } from "../audit/record-audit.ts";
import { Fault } from "../kernel/fault.ts";
import type { Catalogue } from "../recognition/catalogue.ts";
import { type Decision, decide } from "../recognition/decide.ts";
import type { Item, Kind } from "../recognition/policy-schema.ts";
import type { Prior } from "../recognition/prior.ts";
import { checkEvent, refusalEvent } from "./audit-check.ts";
import type { CheckAnswer, DraftOrder, RecognitionCheck } from "./check.ts";
import type { CheckDeps, RecognitionData } from "./check-deps.ts";
import { type Findings, findResults } from "./find-results.ts";
import { type JudgedCheck, judgeCheck, type PermittedCheck } from "./judge-check.ts";
import { emptyResult, resultOf } from "./present-answer.ts";
import { readPriors } from "./read-priors.ts";

/** A consent answer older than this is asked again before the disclosure is committed, and after it when committing took longer than the second one. */
const freshMs = 500;
const committedMs = 900;
const dayMs = 86_400_000;

interface Draft {
  readonly id: string;
  readonly item: Item | undefined;
}

/** A check with everything that does not depend on the resident. */
interface Question {
  readonly check: RecognitionCheck;
  readonly data: RecognitionData;
  readonly drafts: readonly Draft[];
  readonly kinds: readonly Kind[];
  /** The instant the whole check is decided at, and how far back results are looked for. */
  readonly now: Date;
  readonly from: Date;
}

/**
 * Says for each draft order which earlier results must, may or may not be recognised, and which permitted source did not answer.
 * Golden Patient and consents are read at once, then one `_ALL` search per resource type, then one audit transaction; only then is there an answer.
 * Without consent it is the same answer as for a resident nobody knows. Throws `Fault("store-down")`: then nothing was shown.
 *
 * To read a check from end to end: this file, judge-check, find-results, read-priors, recognition/decide, present-answer.
 */
export async function checkRecognition(deps: CheckDeps, check: RecognitionCheck): Promise<CheckAnswer> {
  const question = questionOf(check, await deps.recognitionData(), deps.now());
  const judged = await judgeCheck(deps, check, question);
  if (judged.kind === "deny") return await refuse(deps, question, judged);
  const findings = await find(deps, question, judged);
  const still = ageMs(deps, judged) > freshMs ? await judgeCheck(deps, check, question) : judged;
  if (still.kind === "deny") return await refuse(deps, question, still);
  const answer = await disclose(deps, question, { judged: still, findings });
  const withdrawn = ageMs(deps, still) > committedMs ? await judgeCheck(deps, check, question) : still;
  return withdrawn.kind === "deny" ? await refuse(deps, question, withdrawn) : answer;
}

function ageMs(deps: CheckDeps, judged: PermittedCheck): number {
  return deps.now().getTime() - judged.at.getTime();
}

function questionOf(check: RecognitionCheck, data: RecognitionData, now: Date): Question {
  const drafts = check.orders.map((order) => ({ id: order.id, item: itemOf(order, data.catalogue) }));
  const kinds = [...new Set(drafts.flatMap((draft) => draft.item?.kind ?? []))];
  const from = new Date(now.getTime() - data.catalogue.head.horizonDays * dayMs);
  // Also when nobody knows any item, consent is asked, so that the answer takes the same way.
  return { check, data, drafts, kinds: kinds.length === 0 ? ["lab"] : kinds, now, from };
}

function itemOf(order: DraftOrder, catalogue: Catalogue): Item | undefined {
  return "item" in order ? catalogue.items.get(order.item) : catalogue.itemOf([order.code]);
}

async function find(deps: CheckDeps, question: Question, judged: PermittedCheck): Promise<Findings> {
  const { drafts, data, check, from, now } = question;
  const items = new Map(drafts.flatMap(({ item }) => (item === undefined ? [] : [[item.id, item] as const])));
  const labs = [...items.values()].filter((item) => item.kind === "lab");
  const hosted = judged.patients.filter((one) => deps.institutionOf(one.institution)?.endpoint.kind === "hosted");
  const deadline = AbortSignal.timeout(deps.timeoutMs);
  const findings = await findResults(deps.store, hosted, {
    labCodes: labs.flatMap((item) => data.catalogue.codesOf(item)),
    imaging: [...items.values()].some((item) => item.kind === "imaging"),
    from,
    until: new Date(now.getTime() + dayMs),
    signal: check.signal === undefined ? deadline : AbortSignal.any([deadline, check.signal]),
  });
  for (const code of findings.faults) deps.log.warn({ code }, "earlier results could not be searched");
  const others = judged.patients.filter((one) => !hosted.includes(one));
  const notAsked = others.flatMap(({ institution, kinds }) =>
    kinds.map((kind) => ({ source: institution, kind, cause: "source-not-asked" as const })),
  );
  return { ...findings, silent: [...findings.silent, ...notAsked] };
}

async function refuse(deps: CheckDeps, question: Question, judged: JudgedCheck & { kind: "deny" }): Promise<CheckAnswer> {
  await recordAudit(deps.store, [refusalEvent(deps, question.check, judged.reason)]);
  const { catalogue } = question.data;
  const results = question.drafts.map(({ id, item }) => emptyResult({ id, item: item?.id }, catalogue));
  return { asked: "none", results, note: deps.note };
}

async function disclose(
  deps: CheckDeps,
  question: Question,
  { judged, findings }: { judged: PermittedCheck; findings: Findings },
): Promise<CheckAnswer> {
  const { catalogue } = question.data;
  const linked = new Set(judged.patients.map((one) => one.institution));
  const silent = findings.silent.filter((one) => linked.has(one.source));
  const priors = readPriors(findings.found, judged, catalogue);
  const decided = question.drafts.map((draft) => ({
    ...draft,
    decision: decideDraft(deps, question, { draft, priors, silent }),
  }));
  await recordAudit(deps.store, [checkEvent(deps, question.check, { judged, silent, decided })]);
  const presenting = { catalogue, nameOf: (code: string) => deps.institutionOf(code)?.name ?? code };
  const results = decided.map(({ id, item, decision }) =>
    item === undefined || decision === undefined
      ? emptyResult({ id, item: undefined }, catalogue)
      : resultOf({ id, item: item.id }, decision, presenting),
  );
  return { asked: askedOf(question, judged, silent), results, note: deps.note };
}

function decideDraft(
  deps: CheckDeps,
  { check, data, now }: Question,
  { draft, priors, silent }: { draft: Draft; priors: readonly Prior[]; silent: Findings["silent"] },
): Decision | undefined {
  const { item } = draft;
  if (item === undefined) return undefined;
  const institution = deps.institutionOf(check.asker.institution);
  if (institution === undefined) throw new Fault("not-entitled");
  const emergency = check.emergency === true || check.visit.kind === "emergency";
  const order = { item, institution, setting: check.visit.kind, emergency };
  const unknown = silent.filter((one) => one.kind === item.kind && one.source !== institution.code);
  return decide(priors, order, { ...data, institutionOf: deps.institutionOf, now }, unknown);
}

/** Of the permitted and linked sources other than the institution itself: all answered, some, or none. */
function askedOf({ check }: Question, judged: PermittedCheck, silent: Findings["silent"]): CheckAnswer["asked"] {
  const sources = new Set(
    judged.patients.flatMap((one) => (one.institution === check.asker.institution ? [] : [one.institution])),
  );
  const answered = [...sources].filter((source) => !silent.some((one) => one.source === source));
  if (answered.length === 0) return "none";
  return answered.length === sources.size ? "all" : "some";
}
