import type { Resource } from "@medplum/fhirtypes";
import type { SearchParams } from "../fhir/store.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import { asFault } from "../kernel/fault.ts";
import { type AskedPatient, answerOf, noAnswer, type Question, type SourceAnswer } from "./answer.ts";
import { checkAnswer } from "./check-answer.ts";
import { type AskedType, searchesFor } from "./searches.ts";
import type { SourceGate } from "./source-gate.ts";

/** An institution's own FHIR server. */
export interface RemoteEndpoint {
  readonly institution: InstitutionCode;
  readonly url: string;
}

/** What a remote server said; it may be hostile, so nothing of it is believed before it is checked. */
export type RemotePage =
  | { readonly kind: "found"; readonly resources: readonly Resource[]; readonly more: boolean }
  | { readonly kind: "refused" };

/**
 * Port to institutions that run their own FHIR server: one bounded search (body size, time and redirects are the adapter's to bound),
 * ended by `signal`. Throws a Fault when there is no usable answer.
 */
export interface RemoteSources {
  search(endpoint: RemoteEndpoint, search: { type: AskedType; params: SearchParams }, signal: AbortSignal): Promise<RemotePage>;
}

/** One institution with its own server: its local Patients of the resident, what is asked, when that must end. */
export interface RemoteRequest {
  readonly endpoint: RemoteEndpoint;
  readonly patients: readonly AskedPatient[];
  readonly question: Question;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** Asks one institution's own server through its gate (cap and breaker). Never throws; ends with the signal even if the server drips. */
export async function askRemote(remote: RemoteSources, gate: SourceGate, request: RemoteRequest): Promise<SourceAnswer> {
  const { institution } = request.endpoint;
  const askedAt = instant(request.now);
  const entered = await gate.enter(institution, request.signal);
  if (entered === "open") return noAnswer(institution, "failed", "busy", askedAt);
  if (entered === "capped") return noAnswer(institution, "timed-out", "busy", askedAt);
  try {
    const answer = await Promise.race([askAll(remote, request, askedAt), endOf(request.signal, institution, askedAt)]);
    entered.leave(answer.outcome !== "timed-out" && answer.reason !== "wrong-patient");
    return answer;
  } catch (error) {
    entered.leave(false);
    const late = request.signal.aborted || asFault(error).code === "source-timeout";
    return noAnswer(institution, late ? "timed-out" : "failed", "unavailable", askedAt);
  }
}

async function askAll(remote: RemoteSources, request: RemoteRequest, askedAt: string): Promise<SourceAnswer> {
  const { endpoint, patients, question, signal } = request;
  const patient = patients.map((one) => `Patient/${one.patient}`).join(",");
  const searches = searchesFor(question, [...new Set(patients.flatMap((one) => one.categories))]);
  // A foreign server decides how much one page holds: what is cut then is the oldest.
  const pages = await Promise.all(
    searches.map(({ type, params, date }) =>
      remote.search(endpoint, { type, params: { ...params, patient, _sort: `-${date}` } }, signal),
    ),
  );
  const found = pages.flatMap((page) => (page.kind === "found" ? [page] : []));
  if (found.length < pages.length) return noAnswer(endpoint.institution, "refused", "unavailable", askedAt);
  const { belonging, strangers } = checkAnswer(
    found.flatMap((page) => page.resources),
    patients,
  );
  if (strangers > 0) return noAnswer(endpoint.institution, "failed", "wrong-patient", askedAt);
  const resources = belonging.get(endpoint.institution) ?? [];
  return answerOf(endpoint.institution, { resources, more: found.some((page) => page.more) }, askedAt);
}

function endOf(signal: AbortSignal, institution: InstitutionCode, askedAt: string): Promise<SourceAnswer> {
  return new Promise((resolve) => {
    const end = () => resolve(noAnswer(institution, "timed-out", "unavailable", askedAt));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
