import type { FhirStore } from "../../fhir/store.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import type { RecognitionCheck } from "../check/check.ts";
import { type Transcript, transcriptId, transcriptsOf } from "./transcribed-results.ts";

/** The paper results that were typed in during the visit of this check; none without a visit. Throws `Fault("store-down")`. */
export async function readTranscripts(
  store: Pick<FhirStore, "read">,
  of: { readonly suite: CryptoSuite; readonly check: RecognitionCheck; readonly catalogue: Catalogue },
): Promise<Transcript[]> {
  const { asker, resident, visit } = of.check;
  if (visit === undefined) return [];
  const { institution } = asker;
  const id = transcriptId(of.suite, { institution, resident, visit: visit.number });
  const list = await store.read(institution, "List", id, { exactDecimals: true });
  return transcriptsOf(list, institution, of.catalogue);
}
