import type { FhirStore } from "../../fhir/store.ts";
import type { Grounds } from "../../recognition/decide.ts";
import type { RecognitionData } from "../check/check-deps.ts";
import type { NoticeDeps } from "../notices/open-notice.ts";

/** What following a change needs of the world. */
export interface ChaseDeps extends NoticeDeps {
  readonly store: FhirStore;
  readonly recognitionData: () => Promise<RecognitionData>;
  readonly institutionOf: Grounds["institutionOf"];
  /** How long what was sealed before a change may still be shown, in milliseconds: then the places are searched once more. */
  readonly sealedLifeMs: number;
}
