import type { Resource } from "@medplum/fhirtypes";

/** A Coding as CDS Hooks uses it (2.0, "Data Types / Coding"). */
export interface CardCoding {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}

/** What the doctor's system does when the suggestion is taken (2.0, "Action"): never anything by itself. */
export type Action =
  | { readonly type: "create"; readonly description: string; readonly resource: Resource }
  | { readonly type: "delete"; readonly description: string; readonly resourceId: string };

/** One way to follow the card (2.0, "Suggestion"). Without `uuid` the doctor's system tells nobody that it was taken. */
export interface Suggestion {
  readonly label: string;
  readonly uuid?: string;
  readonly isRecommended?: true;
  readonly actions: readonly Action[];
}

/** Where to read more (2.0, "Link"); `appContext` only with `smart`. */
export type Link =
  | { readonly label: string; readonly url: string; readonly type: "absolute" }
  | { readonly label: string; readonly url: string; readonly type: "smart"; readonly appContext: string };

/** One card (2.0, "Card Attributes"). Without `uuid` there is no feedback on it: it only informs. */
export interface Card {
  readonly uuid?: string;
  /** One line of fewer than 140 characters. */
  readonly summary: string;
  /** GitHub Flavored Markdown; what came from elsewhere is escaped. */
  readonly detail?: string;
  readonly indicator: "info" | "warning" | "critical";
  readonly source: { readonly label: string; readonly topic: CardCoding };
  readonly suggestions?: readonly Suggestion[];
  readonly selectionBehavior?: "at-most-one" | "any";
  readonly overrideReasons?: readonly CardCoding[];
  readonly links?: readonly Link[];
}
