import type { InstitutionCode, ResidentId } from "../kernel/brand.ts";

/** The sorts of callers there are; each route says which of them it serves. */
export type CallerKind = "institution" | "supplier" | "resident" | "steward" | "operator" | "portal";

/** Who treats, as the asking institution names them in its signed assertion. */
interface Practitioner {
  readonly id: string;
  readonly name?: string;
  readonly role?: string;
}

/** Who calls, proven by a token; kind, institution and feeds come from the registry, never from what a client wrote. */
export interface Caller {
  readonly kind: CallerKind;
  /** Client id in the registry. */
  readonly client: string;
  readonly institution?: InstitutionCode;
  /** Present only in a resident's own token. */
  readonly resident?: ResidentId;
  readonly practitioner?: Practitioner;
  /** Purposes of use named in the assertion, e.g. `TREAT`. */
  readonly purposes: readonly string[];
  readonly scopes: readonly string[];
  /** Feeds this client may deliver. */
  readonly feeds: readonly string[];
}

/** A client as the registry knows it: the part of it that authentication needs. */
export interface KnownClient {
  readonly id: string;
  readonly kind: CallerKind;
  readonly institution?: InstitutionCode | undefined;
  readonly scopes: readonly string[];
  readonly feeds?: readonly string[] | undefined;
}
