type UuidOf = (...parts: readonly string[]) => string;

/** UUID of the suggestion to let one earlier result stand for an order: feedback computes it again from what the check recorded. */
export function useSuggestion(uuidOf: UuidOf, reminder: string, evidence: string): string {
  return uuidOf("suggestion", "use", reminder, evidence);
}

/** UUID of the suggestion to let the recognised members of an ordered panel stand; `check` is the UUID of the check as a whole. */
export function panelSuggestion(uuidOf: UuidOf, check: string, order: string): string {
  return uuidOf("suggestion", "panel", check, order);
}
