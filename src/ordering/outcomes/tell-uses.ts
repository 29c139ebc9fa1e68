import type { Orderer } from "../check/check.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import { factEvent } from "./fact-event.ts";
import { type Named, ownCheck, remindersNamed, resultNamed } from "./spoken-cases.ts";

/** An earlier result that was opened (调阅) or quoted in the record of the visit (引用). */
export interface Use extends Named {
  /** As the check showed it: `<institution>/<Type>/<id>/_history/<version>`. */
  readonly evidence: string;
}

/** What became of one use: told now, told before, or about nothing that this check showed. */
export interface ToldUse extends Named {
  readonly state: "recorded" | "same" | "unknown-order" | "evidence-not-shown";
}

/** Uses of results that one check showed. */
export interface UsesGiven {
  readonly asker: Orderer;
  readonly check: string;
  readonly kind: "viewed" | "referenced";
  readonly uses: readonly Use[];
}

/**
 * Tells that results were opened or quoted, each use by itself: opened once per check, result and practitioner, quoted once per case and result, however often it is told.
 * It discloses nothing: the results stand in the check's own disclosure. Undefined = the institution made no such check. Throws `Fault("store-down")`.
 */
export async function tellUses(deps: CheckDeps, given: UsesGiven): Promise<readonly ToldUse[] | undefined> {
  const { asker, kind } = given;
  const check = await ownCheck(deps, asker, given.check);
  if (check === undefined) return undefined;
  const at = deps.now();
  const found = given.uses.map((use) => {
    const reminders = remindersNamed(check, use);
    const reminder = reminders.find((one) => resultNamed(one, use.evidence) !== undefined);
    const result = reminder === undefined ? undefined : resultNamed(reminder, use.evidence);
    if (reminder === undefined || result === undefined)
      return { use, state: reminders.length === 0 ? ("unknown-order" as const) : ("evidence-not-shown" as const) };
    const once = kind === "viewed" ? [check.id, asker.practitioner?.id ?? ""] : [];
    const id = deps.suite.computeId("DEFAULT", "AuditEvent", `recognition-${kind}`, reminder.case, use.evidence, ...once);
    const { laboratory, recognition } = result;
    const event = factEvent({
      id,
      kind: `recognition-${kind}`,
      at,
      agent: asker,
      check,
      reminder,
      result,
      detail: { laboratory, recognition },
    });
    return { use: { ...use, item: reminder.item }, event };
  });
  const events = [...new Map(found.flatMap(({ event }) => (event === undefined ? [] : [[event.id, event] as const]))).values()];
  const created = events.length === 0 ? [] : await deps.store.createMissing("DEFAULT", events);
  const isNew = new Set(events.filter((_, index) => created[index] === "created").map((one) => one.id));
  return found.map(({ use: { order, item }, state, event }) => ({
    order,
    ...(item === undefined ? {} : { item }),
    state: state ?? (event !== undefined && isNew.has(event.id) ? "recorded" : "same"),
  }));
}
