import { asFault, type FaultCode } from "../kernel/fault.ts";
import type { Acceptance } from "./accept-export.ts";
import type { GatheredMessage } from "./gather-messages.ts";
import { type MessageHeader, messageHeader } from "./message-header.ts";

/** Which deliverer and feed a message belongs to: by who sends it and what it is. An absent field matches everything. */
export interface MessageRoute {
  /** MSH-3. */
  readonly application?: string | undefined;
  /** MSH-4. */
  readonly facility?: string | undefined;
  /** MSH-5. */
  readonly receivingApplication?: string | undefined;
  /** MSH-6. */
  readonly receivingFacility?: string | undefined;
  /** MSH-9 without or with its trigger: `ORU`, `ADT^A01`. */
  readonly type: string;
  readonly client: string;
  readonly feed: string;
}

/**
 * The answer for the sender (HL7 v2 §2.9.2): `AA` = stored durably; `AR` = not taken here, or not now; `AE` = the message itself is wrong.
 * `reason` is ASCII and repeats nothing of the message; with `AA` it is the id of the export, to follow it by.
 */
export interface MessageAnswer {
  readonly code: "AA" | "AE" | "AR";
  readonly reason?: string;
  readonly header?: MessageHeader;
}

/** What accepting messages needs. */
export interface MessageDeps {
  readonly routes: readonly MessageRoute[];
  /** Resolves when the Task that holds the message is stored. */
  readonly accept: (message: GatheredMessage) => Promise<Acceptance>;
}

/** Takes one HL7 v2 message into an export of its feed: `AA` only when its Task is stored. Never throws. */
export async function acceptMessage(deps: MessageDeps, message: Uint8Array): Promise<MessageAnswer> {
  const header = messageHeader(message);
  if (header === undefined) return { code: "AE", reason: "no HL7 v2 message" };
  if (header.controlId.trim() === "") return { code: "AE", reason: "MSH-10 is missing", header };
  const routes = mostSpecific(deps.routes.filter((one) => matches(one, header)));
  const [route] = routes;
  if (route === undefined) return { code: "AR", reason: "no feed takes messages of this sender and type", header };
  if (routes.some(({ feed }) => feed !== route.feed))
    return { code: "AR", reason: "several feeds take messages of this sender and type", header };
  try {
    const name = `${header.type.replace(/[^A-Za-z0-9]+/g, "-")}.hl7`;
    const outcome = await deps.accept({ client: route.client, feed: route.feed, name, bytes: message });
    if (outcome.kind === "accepted") return { code: "AA", reason: outcome.id, header };
    const reason =
      outcome.kind === "wrong" ? (outcome.problems[0]?.reason ?? "wrong") : "the same message came with other content";
    return { code: "AE", reason, header };
  } catch (error) {
    return { code: "AR", reason: refusals[asFault(error).code] ?? "internal error, try again", header };
  }
}

const refusals: Partial<Record<FaultCode, string>> = {
  "store-down": "the store does not answer, try again",
  "landing-failed": "the message could not be stored, try again",
  "too-large": "the message is too large",
};

const told = ["application", "facility", "receivingApplication", "receivingFacility"] as const;

function matches(route: MessageRoute, header: MessageHeader): boolean {
  return (
    told.every((field) => route[field] === undefined || route[field] === header[field]) &&
    (route.type === header.type || route.type === header.type.split("^")[0])
  );
}

/** Those that say most about the sender: a route for one sender comes before a route for everybody. */
function mostSpecific(routes: readonly MessageRoute[]): readonly MessageRoute[] {
  const said = (route: MessageRoute) => told.filter((field) => route[field] !== undefined).length;
  const best = Math.max(...routes.map(said));
  return routes.filter((route) => said(route) === best);
}
