import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { uuidOf } from "../../kernel/uuid.ts";

/** UUID of a check as a whole, as its event names it: `findReminder` finds the check by it. */
export function checkUuid(suite: Pick<CryptoSuite, "computeId">, check: string): string {
  return uuidOf(suite, "DEFAULT", "reminder", check);
}
