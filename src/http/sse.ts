import type { ServerResponse } from "node:http";
import { asFault } from "../kernel/fault.ts";
import { LookupLine, LookupState } from "./contract/lookup.ts";
import { problemOf } from "./problem.ts";
import { end, sendReading, write } from "./sending.ts";
import { serializeBundle } from "./serialize-bundle.ts";
import type { LookupEvent, PresentedEvent } from "./use-cases.ts";

const heartbeatMs = 15_000;

/**
 * Sends the events of a lookup or a check as server-sent events (WHATWG HTML §9.2) at the pace the client takes them, with a comment every 15 s so that
 * proxies keep the line open. A fault in the middle is told as event `problem`; the caller's signal ends the source when the client left.
 */
export async function sendEvents(
  response: ServerResponse,
  events: AsyncIterable<LookupEvent | PresentedEvent>,
  requestId: string,
): Promise<void> {
  response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no" });
  response.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!response.destroyed && !response.writableNeedDrain) response.write(": still here\n\n");
  }, heartbeatMs);
  try {
    for await (const event of events) {
      // Also when the client has left: a reading that was released must be told how it ended.
      await sendEvent(response, event);
      if (response.destroyed) break;
    }
  } catch (error) {
    await write(response, frame("problem", JSON.stringify(problemOf(asFault(error), requestId))));
  } finally {
    clearInterval(heartbeat);
  }
  await end(response);
}

async function sendEvent(response: ServerResponse, event: LookupEvent | PresentedEvent): Promise<void> {
  if (event.event === "presented") return write(response, frame(event.name, JSON.stringify(event.data)));
  if (event.event === "line") return write(response, frame("line", JSON.stringify(LookupLine.parse(event.data))));
  if (event.event === "done") return write(response, frame("done", JSON.stringify(LookupState.parse(event.data))));
  const { source, reading } = event.data;
  await sendReading(response, reading, () => {
    const data = `{"source":${JSON.stringify(source)},"bundle":${serializeBundle(reading.bundle)}}`;
    return write(response, frame("block", data));
  });
}

/** JSON has no line break of its own, so one `data` line is enough. */
function frame(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
