import type { ResourceAddress } from "../../fhir/reference.ts";

/** That the patient was told why the result is not recognised (国卫医发〔2022〕6号 第十八条); absent parts = the practitioner who answers, at the moment of the answer. */
export interface Explained {
  /** A practitioner as the institution names them. */
  readonly by?: string;
  readonly at?: Date;
}

/** An earlier result that was shown stands for the order: nothing is examined again. */
export interface Adopted {
  readonly order: string;
  /** Absent = the item that the evidence was shown for. */
  readonly item?: string;
  readonly outcome: "adopted";
  /** As the check showed it: `<institution>/<Type>/<id>/_history/<version>`. */
  readonly evidence: string;
}

/** The order stays in spite of earlier results. Without a reason it is kept as incomplete and asked for again. */
export interface Declined {
  readonly order: string;
  /** Absent = every item of the order that a reminder was given for. */
  readonly item?: string;
  readonly outcome: "declined";
  /** A code of the catalogue's `declineReasons` in use. */
  readonly reason?: string;
  /** What a reason with `needsText` asks for; at most `mostTextLength` characters. */
  readonly text?: string;
  readonly explained?: Explained;
}

/** The doctor's answer to one reminder (提醒). */
export type Outcome = Adopted | Declined;

/** Longest free text of a reason, an appeal or a report of a fault, in characters (recognition.md §8). */
export const mostTextLength = 600;

/** Why an answer cannot be taken as it stands. */
export type WrongAnswer =
  | "evidence-not-shown"
  | "evidence-not-recognisable"
  | "reason-unknown"
  | "text-missing"
  | "text-too-long"
  | "explanation-missing"
  | "explanation-too-early-or-late";

/**
 * What became of one answer. `recorded`: it stands. `same`: it stood already. `incomplete`: kept without its reason, to be asked again.
 * `conflict`: another answer stands. `changed`: the result is no longer the one that was shown. `not-permitted`: consent no longer lets the result be read;
 * `unavailable`: its source does not answer now. `too-late`: the answer window has passed; check again. `unknown-order`: no reminder was given for it in this check.
 */
export type Recorded = {
  readonly order: string;
  readonly item?: string;
} & (
  | { readonly state: "recorded" | "same" | "incomplete"; readonly counts?: boolean }
  | { readonly state: "conflict" | "changed" | "not-permitted" | "unavailable" | "too-late" | "unknown-order" }
  | { readonly state: "wrong"; readonly why: WrongAnswer }
);

/** `<institution>/<Type>/<id>/_history/<version>` in its parts; undefined when it is none. */
export function evidenceIn(text: string): { readonly address: ResourceAddress; readonly version: string } | undefined {
  const [, tenant, type, id, version] = /^([^/]+)\/([A-Za-z]+)\/([^/]+)\/_history\/([^/]+)$/.exec(text) ?? [];
  if (tenant === undefined || version === undefined) return undefined;
  return { address: { tenant, type, id } as ResourceAddress, version };
}
