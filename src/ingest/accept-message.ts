import { asFault, type FaultCode } from "../kernel/fault.ts";
import type { Acceptance, Delivery } from "./accept-export.ts";
import { type MessageHeader, messageHeader } from "./message-header.ts";

/** Which deliverer and feed a message belongs to: by who sends it and what it is. An absent field matches everything. */
export interface MessageRoute {
  /** MSH-3. */
  readonly application?: string;
  /** MSH-4. */
  readonly facility?: string;
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
  readonly accept: (delivery: Delivery) => Promise<Acceptance>;
}

/** Takes one HL7 v2 message as an export of its own: `AA` only when its Task is stored. Never throws. */
export async function acceptMessage(deps: MessageDeps, message: Uint8Array): Promise<MessageAnswer> {
  const header = messageHeader(message);
  if (header === undefined) return { code: "AE", reason: "no HL7 v2 message" };
  if (header.controlId.trim() === "") return { code: "AE", reason: "MSH-10 is missing", header };
  const route = deps.routes.find((one) => matches(one, header));
  if (route === undefined) return { code: "AR", reason: "no feed takes messages of this sender and type", header };
  try {
    const name = `${header.type.replace(/[^A-Za-z0-9]+/g, "-")}.hl7`;
    const outcome = await deps.accept({ client: route.client, feed: route.feed, files: oneFile(name, message) });
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

function matches(route: MessageRoute, header: MessageHeader): boolean {
  return (
    (route.application === undefined || route.application === header.application) &&
    (route.facility === undefined || route.facility === header.facility) &&
    (route.type === header.type || route.type === header.type.split("^")[0])
  );
}

async function* oneFile(name: string, message: Uint8Array) {
  yield { name, content: once(message) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
