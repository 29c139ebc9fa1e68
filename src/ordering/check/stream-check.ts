import type { InstitutionCode, ResourceId } from "../../kernel/brand.ts";
import { pause } from "../../kernel/clock.ts";
import { wordOf } from "./ask-remote-results.ts";
import type { CheckAnswer, DraftOrder, Orderer, RecognitionCheck } from "./check.ts";
import type { CheckDeps } from "./check-deps.ts";
import { checkRecognition } from "./check-recognition.ts";
import { type CheckRecord, readCheck } from "./check-record.ts";
import { draftsOf } from "./draft-orders.ts";
import { needOf } from "./gather-results.ts";
import { judgeCheck } from "./judge-check.ts";

/** What a check's stream tells: the whole answer, decided and audited anew (a check of its own, of the same cases); at last that no more is waited for. */
export type CheckEvent =
  | { readonly event: "answer"; readonly data: CheckAnswer }
  | { readonly event: "done"; readonly data: { readonly check: string } };

/** Which check, and who listens. */
export interface StreamRequest {
  readonly id: string;
  readonly reader: Orderer;
  readonly signal: AbortSignal;
}

/** How long silence is trusted: a word about a late answer may be lost. */
const lookAgainMs = 1_000;
/** A check without consent is listened to this long: the patient scans the code while the doctor waits. */
const consentMs = 120_000;
const askConsentMs = 5_000;
/** What a late source gets beyond its own deadline before nobody waits for it any more. */
const graceMs = 1_000;

/**
 * Tells a check's late answers as they come: each time consent is asked again and a disclosure is audited before anything is sent. A check that consent did
 * not permit, or for a resident nobody knows, is silent until a consent comes. Undefined when this institution made no such check.
 */
export async function streamCheck(deps: CheckDeps, request: StreamRequest): Promise<AsyncIterable<CheckEvent> | undefined> {
  const record = await readCheck(deps.store, request.id);
  if (record === undefined || record.institution !== request.reader.institution) return undefined;
  return record.refused ? whenPermitted(deps, record, request) : whenArrived(deps, record, request);
}

async function* whenPermitted(deps: CheckDeps, record: CheckRecord, request: StreamRequest): AsyncGenerator<CheckEvent> {
  const check = checkOf(record, request);
  const { catalogue } = await deps.recognitionData();
  const need = needOf(draftsOf(check.orders, catalogue), catalogue, deps.now());
  const end = AbortSignal.any([request.signal, AbortSignal.timeout(consentMs)]);
  while (!end.aborted) {
    const judged = await judgeCheck(deps, check, need);
    if (judged.kind === "permit") {
      const data = await checkRecognition(deps, check);
      yield { event: "answer", data };
      const renewed = await readCheck(deps.store, data.id);
      if (renewed !== undefined && !renewed.refused) return yield* whenArrived(deps, renewed, request);
      break;
    }
    await pause(askConsentMs, end);
  }
  yield { event: "done", data: { check: record.id } };
}

async function* whenArrived(deps: CheckDeps, record: CheckRecord, request: StreamRequest): AsyncGenerator<CheckEvent> {
  const patienceMs = record.at.getTime() + deps.timeoutMs + graceMs - deps.now().getTime();
  const end = AbortSignal.any([request.signal, AbortSignal.timeout(Math.max(0, patienceMs))]);
  const ear = await listen(deps, record.id);
  let waiting = record.silent.filter((one) => one.cause === "source-not-asked");
  try {
    while (waiting.length > 0) {
      const words = await Promise.all(waiting.map((one) => wordFrom(deps, record.id, one)));
      waiting = waiting.filter((_, at) => words[at] === undefined);
      if (words.includes("answered")) {
        const data = await checkRecognition(deps, checkOf(record, request));
        yield { event: "answer", data };
      }
      if (end.aborted) break;
      if (waiting.length > 0) await ear.next(end);
    }
  } finally {
    ear.close();
  }
  yield { event: "done", data: { check: record.id } };
}

/** Whether a late source is no longer waited for, and whether it had an answer. */
async function wordFrom(
  deps: CheckDeps,
  check: string,
  { source, kind }: CheckRecord["silent"][number],
): Promise<"answered" | "failed" | undefined> {
  const [word] = await deps.late.kept(wordOf(deps.suite, check, kind), source as InstitutionCode);
  if (word === undefined) return undefined;
  return word.reason === undefined ? "answered" : "failed";
}

/** The same question again, asked by whoever listens. */
function checkOf(record: CheckRecord, { reader, signal }: StreamRequest): RecognitionCheck {
  const { resident, visit, department, emergency } = record;
  return {
    asker: reader,
    resident,
    ...(visit === undefined ? {} : { visit: { ...visit, ...(department === undefined ? {} : { department }) } }),
    orders: record.orders.map(({ id, item, panel }): DraftOrder => ({ id, item: panel ?? item ?? "" })),
    emergency,
    signal,
  };
}

/** An ear for one check: a word that came while nobody waited is not missed. */
async function listen(deps: CheckDeps, check: string): Promise<{ next(signal: AbortSignal): Promise<void>; close(): void }> {
  let waking = new AbortController();
  const close = await deps.news.listen(check as ResourceId, () => waking.abort());
  return {
    async next(signal) {
      await pause(lookAgainMs, AbortSignal.any([waking.signal, signal]));
      waking = new AbortController();
    },
    close,
  };
}
