import type { Bundle } from "@medplum/fhirtypes";
import { type AuditFacts, auditEvent } from "../audit/audit-event.ts";
import { recordAudit } from "../audit/record-audit.ts";
import { resourceReference } from "../fhir/reference.ts";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import { questionOf, type SourceAnswer } from "../sources/answer.ts";
import { askSources } from "../sources/ask-sources.ts";
import { checkAnswer, takePermitted } from "../sources/check-answer.ts";
import { answerBundle } from "./answer-bundle.ts";
import { institutionsIn, type Judged, judgeLookup } from "./judge-lookup.ts";
import { type Asker, headsOf, type Lookup, lineOf, lookupOf, type SourceLine } from "./lookup.ts";
import type { LookupDeps } from "./lookup-deps.ts";
import { isOpen, judgePatiently, patienceOf, untilAnswered } from "./news.ts";
import { type LookupAddress, ownLookup } from "./read-lookup.ts";
import { basisEntities, lookupEntity } from "./request-lookup.ts";
import { type Sending, watchSending } from "./watch-sending.ts";

/** A consent check older than this is repeated before the disclosure is committed, in milliseconds. */
const freshMs = 500;
/** A disclosure is committed at most this long after its check; else it is checked again before anything goes out. */
const committedMs = 1_000;
/** A source without an answer is asked again at a reading, but not more often than this. */
const askAgainMs = 30_000;

/** Consent was asked and the disclosure is audited before this value exists. */
export interface Released extends Sending {
  readonly kind: "released";
  readonly bundle: Bundle;
  readonly lines: readonly SourceLine[];
}

/** `waiting`: permitted, but there is nothing to read yet. `refused`: not permitted, whether never, not yet or no longer. */
export type Reading = Released | { readonly kind: "waiting" } | { readonly kind: "refused" };

type Permitted = Extract<Judged, { kind: "permit" }>;

/** Which lookup, who reads, whether one source only, and how long to wait for consent and for sources still being asked. */
export interface ReadingRequest extends LookupAddress {
  readonly source?: InstitutionCode;
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * One reading of a lookup's answer, whole or of one source: asks consent afresh, takes the sealed copies (or asks again where one is gone),
 * leaves what consent leaves, and commits one disclosure event that names every report with its version; only then the Bundle exists.
 * Undefined when there is no such lookup, or no such source in it, for this reader. Throws `Fault("store-down")`: nothing was released.
 */
export async function releaseLookup(deps: LookupDeps, request: ReadingRequest): Promise<Reading | undefined> {
  let task = await ownLookup(deps, request);
  if (task === undefined) return undefined;
  const lookup = lookupOf(task);
  const until = patienceOf(request);
  const judged = await judgePatiently(deps, lookup, until);
  if (judged.kind === "deny") return await refuse(deps, { lookup, reader: request.reader, reason: judged.reason });
  const permitted = institutionsIn(judged.patients).filter(
    (source) => request.source === undefined || source === request.source,
  );
  if (!until.aborted && isOpen(task)) {
    const all = await untilAnswered(deps, { lookup: lookup.id, sources: permitted }, until);
    if (!all) task = (await ownLookup(deps, request)) ?? task;
  }
  const kept = await deps.answers.kept(lookup.id, request.source);
  const readable = isOpen(task) ? kept.map((answer) => answer.institution) : lookupOf(task).lines.map((line) => line.source);
  const sources = readable.filter((source) => permitted.includes(source));
  if (sources.length === 0 && task.status !== "completed") return { kind: "waiting" };
  if (sources.length === 0 && request.source !== undefined) return undefined;
  const answers = await Promise.all(
    sources.map(async (source) => usable(deps, kept, source) ?? (await askAgain(deps, { lookup, judged, source }))),
  );
  const pending = isOpen(task) ? permitted.filter((source) => !sources.includes(source)) : [];
  return await disclose(deps, { lookup, reader: request.reader, judged, answers, pending });
}

function usable(deps: LookupDeps, kept: readonly SourceAnswer[], source: InstitutionCode): SourceAnswer | undefined {
  const answer = kept.find((one) => one.institution === source);
  const spent = answer?.reason !== undefined && deps.now().getTime() - Date.parse(answer.askedAt) > askAgainMs;
  return spent ? undefined : answer;
}

/** The sealed copy is gone, or there never was an answer: asks the source under the same consent, check, filter and deadline. */
async function askAgain(
  deps: LookupDeps,
  of: { lookup: Lookup; judged: Permitted; source: InstitutionCode },
): Promise<SourceAnswer> {
  const { lookup, judged, source } = of;
  return await deps.answers.once(lookup.id, source, async () => {
    const patients = judged.patients.filter((one) => one.institution === source);
    const heard: SourceAnswer[] = [];
    await askSources(deps.sources, { patients, question: questionOf(lookup) }, async (answer) => {
      heard.push(takePermitted(answer, judged.permits));
    });
    const [answer] = heard as [SourceAnswer];
    await deps.answers.keep(lookup.id, answer);
    return answer;
  });
}

interface Disclosure {
  readonly lookup: Lookup;
  readonly reader: Asker;
  readonly judged: Permitted;
  readonly answers: readonly SourceAnswer[];
  /** Sources that are still being asked. */
  readonly pending: readonly InstitutionCode[];
}

async function disclose(deps: LookupDeps, of: Disclosure): Promise<Reading> {
  const { lookup, reader } = of;
  const judged = ageMs(deps, of.judged) > freshMs ? await judgeLookup(deps, lookup) : of.judged;
  if (judged.kind === "deny") return await refuse(deps, { lookup, reader, reason: judged.reason });
  const answers = of.answers.flatMap((answer) => whatIsLeft(answer, judged));
  const pending = of.pending.filter((source) => institutionsIn(judged.patients).includes(source));
  const { publicUrl, nameOf } = deps;
  const bundle = answerBundle(answers, pending, { at: instant(deps.now()), publicUrl, nameOf });
  const reading = deps.unique();
  const lines = answers.map(lineOf);
  const event = { lookup, reader, reading, lines, entities: [...basisEntities(judged), ...entitiesOf(answers)] };
  await recordAudit(deps.store, [eventOf(deps, { ...event, kind: "disclosure", outcome: "success" })]);
  const cut = () =>
    recordAudit(deps.store, [eventOf(deps, { ...event, entities: [], kind: "disclosure-cut", outcome: "failed" })]);
  if (ageMs(deps, judged) > committedMs && (await judgeLookup(deps, lookup)).kind === "deny") {
    await cut();
    return { kind: "refused" };
  }
  const permitted = async () => (await judgeLookup(deps, lookup)).kind === "permit";
  return { kind: "released", bundle, lines, ...watchSending(permitted, cut) };
}

/** What this reading's decision leaves of an answer: the local Patients still linked, the categories and dates still permitted. */
function whatIsLeft(answer: SourceAnswer, judged: Permitted): SourceAnswer[] {
  const patients = judged.patients.filter((one) => one.institution === answer.institution);
  if (patients.length === 0) return [];
  const resources = checkAnswer(answer.resources, patients).belonging.get(answer.institution) ?? [];
  return [takePermitted({ ...answer, resources }, judged.permits)];
}

/** Every report, study and record with its version: what the amendment chase looks for. */
function entitiesOf(answers: readonly SourceAnswer[]): NonNullable<AuditFacts["entities"]> {
  return answers.flatMap((answer) =>
    headsOf(answer).map((head) => ({
      what: resourceReference({ tenant: answer.institution, type: head.resourceType, id: (head.id ?? "") as ResourceId }),
      detail: { version: head.meta?.versionId ?? "" },
    })),
  );
}

async function refuse(deps: LookupDeps, of: { lookup: Lookup; reader: Asker; reason: string }): Promise<Reading> {
  await recordAudit(deps.store, [
    eventOf(deps, { ...of, reading: deps.unique(), kind: "refusal", outcome: "refused", entities: [] }),
  ]);
  return { kind: "refused" };
}

interface ReadingEvent extends Pick<AuditFacts, "kind" | "outcome" | "reason"> {
  readonly lookup: Lookup;
  readonly reader: Asker;
  readonly reading: string;
  /** What each source said, as far as this event tells it. */
  readonly lines?: readonly SourceLine[];
  readonly entities: NonNullable<AuditFacts["entities"]>;
}

function eventOf(deps: LookupDeps, { lookup, reader, reading, lines, entities, ...facts }: ReadingEvent) {
  return auditEvent({
    ...facts,
    id: deps.suite.computeId("DEFAULT", "AuditEvent", facts.kind, lookup.id, reader.client, reading),
    at: deps.now(),
    agent: reader,
    resident: lookup.resident,
    purpose: lookup.purpose,
    entities: [lookupEntity(lookup.id, lines), ...entities],
  });
}

function ageMs(deps: LookupDeps, judged: Permitted): number {
  return deps.now().getTime() - judged.at.getTime();
}
