import type { FoundConsents } from "../consent/model.ts";
import type { FhirStore } from "../fhir/store.ts";
import type { ResidentId } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { Log } from "../kernel/log.ts";
import type { Catalogue } from "../recognition/catalogue.ts";
import type { Certificates } from "../recognition/certificates.ts";
import type { Party } from "../recognition/rules/rule.ts";
import type { ReadGolden } from "../sources/locate.ts";

/** An institution as ordering needs it: what recognition asks of it, and whether its data stand in a partition of ours. */
interface OrderingInstitution extends Party {
  readonly endpoint: { readonly kind: "hosted" | "fhir" };
}

/** The region's policy and the laboratories' certificates; both may be up to a minute old, nothing of a resident ever is. */
export interface RecognitionData {
  readonly catalogue: Catalogue;
  readonly certificates: Certificates;
}

/** Everything the check needs of the world. */
export interface CheckDeps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly now: Now;
  readonly log: Log;
  readonly readGolden: ReadGolden;
  /** The active consents of a resident under all their golden ids, read fresh. */
  readonly consentsOf: (residents: readonly ResidentId[]) => Promise<FoundConsents>;
  readonly recognitionData: () => Promise<RecognitionData>;
  readonly institutionOf: (code: string) => OrderingInstitution | undefined;
  /** A new random id for what happens once. */
  readonly unique: () => string;
  /** The one sentence every answer carries, whether or not there is more. */
  readonly note: string;
  /** How long the hosted institutions may take together, in milliseconds. */
  readonly timeoutMs: number;
}
