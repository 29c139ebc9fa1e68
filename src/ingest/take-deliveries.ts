import { asFault, type FaultCode, type Problem } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { Acceptance, Delivery } from "./accept-export.ts";
import type { ClosedDelivery, Inbox } from "./inbox.ts";

/** What taking deliveries needs. */
export interface InboxDeps {
  readonly inbox: Inbox;
  readonly accept: (delivery: Delivery) => Promise<Acceptance>;
  /** Who delivers a feed; undefined when nobody is registered for it. */
  readonly clientOf: (feed: string) => string | undefined;
  readonly log: Log;
}

/** Faults that are about the delivery itself; all others are ours, and the delivery stays where it is. */
const refusals: Partial<Record<FaultCode, string>> = { "too-large": "a file is larger than is taken here" };

/**
 * Takes every closed delivery as an export of its feed. The content is the key: one that was stored before a crash, or comes twice, finds its export
 * again. Files are put away only when the Task is stored. Returns how many were taken; stops at the first fault of ours, and the next look tries again.
 */
export async function takeDeliveries(deps: InboxDeps): Promise<number> {
  let taken = 0;
  for (const delivery of await deps.inbox.closed()) {
    const outcome = await take(deps, delivery);
    if (outcome === undefined) continue;
    if ("export" in outcome) {
      await delivery.taken(outcome.export);
      taken += 1;
      deps.log.info({ feed: delivery.feed, export: outcome.export }, "a delivery was taken from its folder");
    } else {
      await delivery.refused(outcome.refused);
      deps.log.warn({ feed: delivery.feed, reason: outcome.refused }, "a delivery in a folder was refused");
    }
  }
  return taken;
}

async function take(
  { accept, clientOf }: InboxDeps,
  delivery: ClosedDelivery,
): Promise<{ readonly export: string } | { readonly refused: string } | undefined> {
  if (delivery.problem !== undefined) return { refused: delivery.problem };
  const client = clientOf(delivery.feed);
  if (client === undefined) return { refused: "no supplier is registered for this feed" };
  try {
    const outcome = await accept({ client, feed: delivery.feed, files: delivery.files() });
    if (outcome.kind === "accepted") return { export: outcome.id };
    if (outcome.kind === "conflict") return { refused: "the same files have failed too often" };
    return { refused: told(outcome.problems) };
  } catch (error) {
    const { code, problems } = asFault(error);
    if (code === "delivery-changed") return undefined;
    const reason = code === "request-invalid" ? told(problems) : refusals[code];
    if (reason === undefined) throw error;
    return { refused: reason };
  }
}

function told(problems: readonly Problem[]): string {
  return problems.map(({ field, reason }) => `${field}: ${reason}`).join("; ");
}
