import type { MessageAnswer } from "../../ingest/accept-message.ts";

/**
 * The ACK of a message (HL7 v2 §2.9): delimiters, version and processing id of the sender, MSH-10 echoed byte for byte in MSA-2.
 * Everything else is ASCII, so it reads the same in whatever charset the sender uses.
 */
export function acknowledge(answer: MessageAnswer, facts: { readonly at: Date; readonly controlId: string }): Buffer {
  const { header } = answer;
  const separator = header?.separator ?? "|";
  const encoding = header?.encoding || "^~\\&";
  const component = encoding[0] ?? "^";
  const trigger = header?.type.split("^")[1];
  const type = trigger === undefined || trigger === "" ? "ACK" : `ACK${component}${trigger}`;
  const msh = [
    "MSH",
    encoding,
    "HUTONG",
    "",
    header?.application ?? "",
    header?.facility ?? "",
    time(facts.at),
    "",
    type,
    facts.controlId,
    header?.processing || "P",
    header?.version || "2.4",
  ];
  const msa = ["MSA", answer.code, header?.controlId ?? "", ...(answer.reason === undefined ? [] : [answer.reason])];
  return Buffer.from(`${msh.join(separator)}\r${msa.join(separator)}\r`, "latin1");
}

/** HL7 time stamp with its offset, so that nobody has to guess the zone. */
function time(at: Date): string {
  return `${at.toISOString().replace(/[-:T]/g, "").slice(0, 14)}+0000`;
}
