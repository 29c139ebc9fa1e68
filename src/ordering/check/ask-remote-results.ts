import type { InstitutionCode, ResourceId } from "../../kernel/brand.ts";
import { pause } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { asFault } from "../../kernel/fault.ts";
import type { Kind } from "../../recognition/policy-schema.ts";
import type { SourceAnswer } from "../../sources/answer.ts";
import { askRemote } from "../../sources/ask-remote.ts";
import { takePermitted } from "../../sources/check-answer.ts";
import type { CheckDeps } from "./check-deps.ts";
import type { Findings } from "./find-results.ts";
import type { CheckedPatient, PermittedCheck } from "./judge-check.ts";

/** A copy this young stands for asking again: order-select and order-sign follow each other within minutes. */
const copyMs = 600_000;

/** What is asked of institutions with a server of their own, for whom, and how long the check waits for it. */
export interface RemoteQuestion {
  /** Id of the check, under which a late answer is announced. */
  readonly check: ResourceId;
  readonly asker: InstitutionCode;
  readonly purpose: string;
  readonly judged: PermittedCheck;
  readonly patients: readonly CheckedPatient[];
  readonly from: Date;
  readonly until: Date;
  readonly budgetMs: number;
}

interface Errand extends RemoteQuestion {
  readonly source: InstitutionCode;
  readonly url: string;
  readonly kind: Kind;
}

/**
 * Asks institutions with a server of their own, each and each kind by itself, and takes what came within the budget. What comes later is kept sealed for
 * ten minutes under asker, resident and consent, and announced: the next check, or the check's event stream, decides with it. Never throws.
 */
export async function askRemoteResults(deps: CheckDeps, question: RemoteQuestion): Promise<Findings> {
  const errands = errandsOf(deps, question);
  if (errands.length === 0) return { found: [], silent: [], faults: [] };
  const all = new AbortController();
  const over = pause(question.budgetMs, all.signal).then(() => undefined);
  const parts = await Promise.all(errands.map((errand) => inTime(deps, errand, over)));
  all.abort();
  return {
    found: parts.flatMap((part) => part.found),
    silent: parts.flatMap((part) => part.silent),
    faults: parts.flatMap((part) => part.faults),
  };
}

function errandsOf(deps: CheckDeps, question: RemoteQuestion): Errand[] {
  const sources = Map.groupBy(question.patients, (one) => one.institution);
  return [...sources].flatMap(([source, patients]) => {
    const endpoint = deps.institutionOf(source)?.endpoint;
    if (endpoint?.kind !== "fhir") return [];
    const kinds = [...new Set(patients.flatMap((one) => one.kinds))];
    return kinds.map((kind) => ({ ...question, patients, source, url: endpoint.url, kind }));
  });
}

async function inTime(deps: CheckDeps, errand: Errand, over: Promise<undefined>): Promise<Findings> {
  const asked = answerOf(deps, errand).catch(() => undefined);
  const answer = await Promise.race([asked, over]);
  if (answer !== undefined) return findingsOf(errand, answer);
  asked
    .then((late) => announce(deps, errand, late))
    .catch((error) =>
      deps.log.warn({ check: errand.check, code: asFault(error).code }, "a late answer could not be announced"),
    );
  return silence(errand, "source-not-asked");
}

/** The sealed copy, or the source's own answer, which then is kept. */
async function answerOf(deps: CheckDeps, errand: Errand): Promise<SourceAnswer> {
  const under = keyOf(deps, errand);
  const [copy] = await deps.late.kept(under, errand.source);
  if (copy !== undefined && deps.now().getTime() - Date.parse(copy.askedAt) <= copyMs) return copy;
  return await deps.late.once(under, errand.source, () => ask(deps, errand, under));
}

async function ask(deps: CheckDeps, errand: Errand, under: ResourceId): Promise<SourceAnswer> {
  const { source, url, kind, patients, from, until, judged } = errand;
  const answer = await askRemote(deps.sources.remote, deps.sources.gate, {
    endpoint: { institution: source, url },
    patients: patients.flatMap((one) => (one.kinds.includes(kind) ? [{ ...one, categories: [kind] }] : [])),
    question: { from, until },
    now: deps.now(),
    signal: AbortSignal.timeout(deps.timeoutMs),
  });
  // The asker's own records need no consent, and are filtered by none.
  const permitted = source === errand.asker ? answer : takePermitted(answer, judged.permits);
  if (permitted.reason === undefined) await deps.late.keep(under, permitted);
  return permitted;
}

/** Who asks about whom under which consents: with another consent, a copy made before says nothing. */
function keyOf(deps: CheckDeps, { asker, purpose, judged, patients, kind }: Errand): ResourceId {
  const consents = judged.basis.map((one) => `${one.id}/${one.version}`).sort();
  const people = patients.map((one) => one.patient).sort();
  const parts = [asker, purpose, kind, consents.join(), people.join()];
  return deps.suite.computeId("DEFAULT", "late-answer", ...parts) as ResourceId;
}

/** Where word is left about sources that were late for a check: which of them are no longer waited for. */
export function wordOf(suite: CryptoSuite, check: string, kind: Kind): ResourceId {
  return suite.computeId("DEFAULT", "late-word", check, kind) as ResourceId;
}

/** Leaves word that this source is no longer waited for, and whether it had an answer; the answer itself stands elsewhere. */
async function announce(deps: CheckDeps, errand: Errand, late: SourceAnswer | undefined): Promise<void> {
  const { check, kind, asker } = errand;
  if (late === undefined) return;
  await deps.late.keep(wordOf(deps.suite, check, kind), { ...late, resources: [] });
  await deps.news.tell(check, "source");
  if (late.reason === undefined) await deps.arrivedLate({ check, institution: asker });
}

function findingsOf(errand: Errand, answer: SourceAnswer): Findings {
  if (answer.reason !== undefined) return silence(errand, "source-failed");
  const { source, kind } = errand;
  const silent = answer.outcome === "more" ? silence(errand, "source-has-more").silent : [];
  return { found: [{ source, kind, resources: answer.resources }], silent, faults: [] };
}

function silence({ source, kind }: Errand, cause: Findings["silent"][number]["cause"]): Findings {
  return { found: [], silent: [{ source, kind, cause }], faults: [] };
}
