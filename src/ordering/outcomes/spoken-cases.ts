import type { Orderer } from "../check/check.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import { type CheckRecord, type RecordedReminder, type RecordedResult, readCheck } from "../check/check-record.ts";
import { evidenceIn } from "./outcome.ts";

/** A reminder as whoever speaks of it names it: its order, and the item where the order has several. */
export interface Named {
  readonly order: string;
  readonly item?: string;
}

/** The check of this id, where this institution made it: nobody else speaks of its cases. Throws `Fault("store-down")`. */
export async function ownCheck(deps: Pick<CheckDeps, "store">, asker: Orderer, id: string): Promise<CheckRecord | undefined> {
  const check = await readCheck(deps.store, id);
  return check?.institution === asker.institution ? check : undefined;
}

/** The reminders of a check that are named so. */
export function remindersNamed({ reminders }: Pick<CheckRecord, "reminders">, { order, item }: Named): RecordedReminder[] {
  return reminders.filter((one) => one.order === order && (item === undefined || one.item === item));
}

/** The result of a reminder that a text names: the same resource in the same version. */
export function resultNamed({ results }: RecordedReminder, evidence: string): RecordedResult | undefined {
  const named = evidenceIn(evidence);
  return results.find(
    ({ address, version }) =>
      address.tenant === named?.address.tenant &&
      address.type === named.address.type &&
      address.id === named.address.id &&
      version === named.version,
  );
}
