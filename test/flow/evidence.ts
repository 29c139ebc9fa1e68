import type { AuditEvent } from "@medplum/fhirtypes";
import { systems } from "../../src/fhir/systems.ts";
import type { World } from "../platform.ts";

/** Audit events of a kind about one Task, the latest first; read from the store itself. */
export async function auditOf(world: World, of: { kind: string; task: string }): Promise<AuditEvent[]> {
  const events = await world.store.searchAll("DEFAULT", "AuditEvent", {
    subtype: `${systems.auditKind}|${of.kind}`,
    _sort: "-date",
  });
  return events.filter((event) => event.entity?.some((one) => one.what?.reference === `Task/${of.task}`));
}

/** One server-sent event. */
interface Sent {
  readonly event: string;
  readonly data: unknown;
}

/** Reads an event stream of a client to its end. */
export async function readEvents(world: World, from: { client: string; path: string }): Promise<Sent[]> {
  const { status, headers, body } = await world.as<string>(from.client, "lookups", { method: "GET", path: from.path });
  if (status !== 200 || !headers.get("content-type")?.startsWith("text/event-stream"))
    throw new Error(`no event stream: ${status} ${headers.get("content-type")}`);
  return body.split("\n\n").flatMap((block) => {
    const [, event] = /^event: (.*)$/m.exec(block) ?? [];
    const [, data] = /^data: (.*)$/m.exec(block) ?? [];
    return event === undefined || data === undefined ? [] : [{ event, data: JSON.parse(data) }];
  });
}
