import type { FhirStore } from "../fhir/store.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import { instant, type Now } from "../kernel/clock.ts";
import { type AskedPatient, noAnswer, type Question, type SourceAnswer } from "./answer.ts";
import { askHosted } from "./ask-hosted.ts";
import { askRemote, type RemoteSources } from "./ask-remote.ts";
import type { SourceGate } from "./source-gate.ts";

/** Where an institution's data stands: in a partition of ours, or on its own FHIR server. */
export type SourceEndpoint = { readonly kind: "hosted" } | { readonly kind: "fhir"; readonly url: string };

/** What asking needs. */
export interface AskDeps {
  readonly store: FhirStore;
  readonly remote: RemoteSources;
  readonly gate: SourceGate;
  readonly now: Now;
  readonly endpointOf: (institution: InstitutionCode) => SourceEndpoint | undefined;
  /** Each source's own deadline, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Asks all given local Patients' institutions in parallel: the hosted ones together, every other by itself, each under its own deadline.
 * `heard` gets each answer as it arrives; never throws for a source. One the registry no longer knows is not asked, and its line says failed.
 */
export async function askSources(
  deps: AskDeps,
  asked: { readonly patients: readonly AskedPatient[]; readonly question: Question },
  heard: (answer: SourceAnswer) => Promise<void>,
): Promise<void> {
  const { question } = asked;
  const now = deps.now();
  const patientsAt = (kind: SourceEndpoint["kind"]) =>
    asked.patients.filter((one) => deps.endpointOf(one.institution)?.kind === kind);
  const hosted = async () => {
    const signal = AbortSignal.timeout(deps.timeoutMs);
    const answers = await askHosted(deps.store, { patients: patientsAt("hosted"), question, now, signal });
    await Promise.all(answers.map(heard));
  };
  const remote = async (institution: InstitutionCode, patients: readonly AskedPatient[]) => {
    const endpoint = deps.endpointOf(institution);
    if (endpoint?.kind !== "fhir") return;
    const signal = AbortSignal.timeout(deps.timeoutMs);
    await heard(
      await askRemote(deps.remote, deps.gate, {
        endpoint: { institution, url: endpoint.url },
        patients,
        question,
        now,
        signal,
      }),
    );
  };
  const lost = asked.patients.filter((one) => deps.endpointOf(one.institution) === undefined);
  const byInstitution = Map.groupBy(patientsAt("fhir"), (one) => one.institution);
  await Promise.all([
    hosted(),
    ...[...byInstitution].map(([institution, patients]) => remote(institution, patients)),
    ...[...new Set(lost.map((one) => one.institution))].map((code) =>
      heard(noAnswer(code, "failed", "unavailable", instant(now))),
    ),
  ]);
}
