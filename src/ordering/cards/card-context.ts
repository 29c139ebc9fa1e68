import type { ServiceRequest } from "@medplum/fhirtypes";
import type { Catalogue } from "../../recognition/catalogue.ts";
import type { Clock } from "./text.ts";

/** What cards are made with, beside the answer of the check. */
export interface CardContext {
  readonly catalogue: Pick<Catalogue, "head" | "version" | "items" | "orderCodesOf" | "declineReasons">;
  readonly clock: Clock;
  /** The draft orders by their ids, as the doctor's system sent them. */
  readonly drafts: ReadonlyMap<string, ServiceRequest>;
  /** 急诊、急救: its reason is offered first. */
  readonly emergency: boolean;
  /** UUID of the check as a whole, which names the card that speaks of several orders. */
  readonly checkUuid: string;
  /** A computed UUID: the same parts give the same one, so that feedback finds what it is about. */
  readonly uuidOf: (...parts: readonly string[]) => string;
  /** Where the doctor's system starts the viewer of reports and images (SMART launch); absent = it has none. */
  readonly launch?: string;
  /** The institution wants no card for residents without consent. */
  readonly quietWithoutConsent?: boolean;
  /** One-time link to our pop-up with all these orders; absent = none could be made. */
  readonly popup?: string;
}
