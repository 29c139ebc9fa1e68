import path from "node:path";
import type { FhirStore } from "../../fhir/store.ts";
import type { Now } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { currentPolicy } from "../../recognition/current-policy.ts";
import { loadCertificates } from "../../recognition/load-certificates.ts";
import { refreshing } from "../../recognition/refreshing.ts";
import type { RecognitionData } from "./check-deps.ts";

/** What is needed to know the policy and the certificates. */
export interface RecognitionDataDeps {
  readonly store: Pick<FhirStore, "searchAll">;
  readonly now: Now;
  readonly log: Log;
  /** Holds `recognition/<region>/`, the policy in force. */
  readonly profilesDir: string;
  readonly region: string;
  /** What the registry knows: a policy that names a stranger is wrong. Absent = it is not asked. */
  readonly isInstitution?: (code: string) => boolean;
}

/** A change of policy or certificate counts after this long at the latest, in milliseconds. */
const maxAgeMs = 10_000;

/**
 * The policy in force and the certificates known, never older than ten seconds. Throws `Fault("configuration-wrong")` when the first policy is wrong and
 * `Fault("store-down")` when certificates older than that cannot be renewed; a wrong change of the policy is logged and the one in force stays.
 */
export function createRecognitionData(deps: RecognitionDataDeps): () => Promise<RecognitionData> {
  const policy = currentPolicy({
    root: path.join(deps.profilesDir, "recognition"),
    region: deps.region,
    ...(deps.isInstitution === undefined ? {} : { isInstitution: deps.isInstitution }),
    now: deps.now,
    refused: (problems) => deps.log.error({ problems }, "the changed recognition policy is wrong; the one in force stays"),
  });
  const held = refreshing(
    async () => {
      const catalogue = await policy();
      return { catalogue, certificates: await loadCertificates(deps.store, catalogue) };
    },
    { maxAgeMs, now: deps.now },
  );
  return () => held.get();
}
