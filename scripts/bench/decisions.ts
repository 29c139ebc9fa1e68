import { measureConsentDecisions } from "./consent-decisions.ts";
import type { Figure } from "./figure.ts";
import { measureRecognitionDecisions } from "./recognition-decisions.ts";

/** Decisions in process, without a server. */
export async function benchDecisions(): Promise<Figure[]> {
  return [measureConsentDecisions(), ...(await measureRecognitionDecisions())];
}
