import { createMllpServer } from "../adapters/mllp/mllp-server.ts";
import { acceptExport } from "../ingest/accept-export.ts";
import { acceptMessage } from "../ingest/accept-message.ts";
import { gatherMessages } from "../ingest/gather-messages.ts";
import { messageRoutes } from "../ingest/message-routes.ts";
import { Fault } from "../kernel/fault.ts";
import type { Ports } from "./ports.ts";

/** The role `mllp`: HL7 v2 messages as exports. Throws `Fault("configuration-wrong")` without a port. */
export async function startMllp({ config, registry, feeds, accepting, now, log }: Ports): Promise<() => Promise<unknown>> {
  if (config.MLLP_PORT === undefined) throw new Fault("configuration-wrong", { detail: "The role mllp needs MLLP_PORT." });
  const supplierOf = (feed: string) => {
    const client = registry.clients.find((one) => one.kind === "supplier" && one.feeds?.includes(feed))?.id;
    const senders = registry.supplierOfFeed(feed)?.senders.filter((one) => one.feed === feed) ?? [];
    return client === undefined ? undefined : { client, senders: senders.map(({ feed: _, ...sender }) => sender) };
  };
  const accept = gatherMessages((delivery) => acceptExport(accepting, delivery));
  const server = createMllpServer({
    host: config.MLLP_HOST,
    port: config.MLLP_PORT,
    receive: (message) => acceptMessage({ routes: messageRoutes([...feeds.values()], supplierOf), accept }, message),
    now,
    log,
  });
  await server.listen();
  return () => server.close();
}
