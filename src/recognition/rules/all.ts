import { comparableMethod } from "./comparable-method.ts";
import { comparableSpecimen } from "./comparable-specimen.ts";
import { comparableUnit } from "./comparable-unit.ts";
import { covered } from "./covered.ts";
import { extraConditions } from "./extra-conditions.ts";
import { finalStatus } from "./final-status.ts";
import { imagesAtHand } from "./images-at-hand.ts";
import { noEmergency } from "./no-emergency.ts";
import { recognisable } from "./recognisable.ts";
import type { RecognitionRule } from "./rule.ts";
import { sameItem } from "./same-item.ts";
import { samePerson } from "./same-person.ts";
import { withinWindow } from "./within-window.ts";

/** Every rule there is, by its id. A policy names which of them hold, in which order and by which local clause. */
export const rules: ReadonlyMap<string, RecognitionRule> = new Map(
  [
    sameItem,
    samePerson,
    finalStatus,
    recognisable,
    comparableUnit,
    comparableSpecimen,
    comparableMethod,
    imagesAtHand,
    extraConditions,
    withinWindow,
    covered,
    noEmergency,
  ].map((rule) => [rule.id, rule]),
);

/** Causes a decision can add beside those of the rules: notes, and why a source says nothing. */
export const otherCauses = [
  "window-provisional",
  "certificate-carried-over",
  "certificate-missing",
  "certificate-expired",
  "certificate-not-yet-published",
  "certificate-failed",
  "certificate-withdrawn",
  "certificate-undated",
  "reported-after-expiry",
  "source-failed",
  "source-not-asked",
  "source-has-more",
  "item-unknown",
] as const;
