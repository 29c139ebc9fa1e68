import type { FhirStore } from "../../fhir/store.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import type { Now } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import type { Party } from "../../recognition/rules/rule.ts";
import type { RecognitionData } from "../check/check-deps.ts";

/** Results to count in one institution's partition: those of some codes, examined in `[from, until)`, reviewed. */
interface ResultsCounted {
  readonly institution: InstitutionCode;
  readonly type: "Observation" | "DiagnosticReport";
  /** `system|code`; any of them. */
  readonly codes: readonly string[];
  readonly from: Date;
  readonly until: Date;
}

/** What figures are made from. */
export interface FiguresDeps {
  readonly store: Pick<FhirStore, "search" | "searchAll" | "read" | "readMany" | "commit">;
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly now: Now;
  readonly recognitionData: () => Promise<RecognitionData>;
  /** Everybody of the region, in the registry's order. */
  readonly institutions: readonly Party[];
  readonly answerWindowMs: number;
  /** How many there are, without reading them. Throws `Fault("store-down")`. */
  readonly countResults: (wanted: ResultsCounted) => Promise<number>;
}
