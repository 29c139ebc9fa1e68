import type { Served } from "./context.ts";
import type { Answer } from "./route.ts";
import { sendRows } from "./send-rows.ts";
import { end, sendReading } from "./sending.ts";
import { serializeBundle } from "./serialize-bundle.ts";
import { sendEvents } from "./sse.ts";

const fhir = "application/fhir+json; charset=utf-8";

/** Puts a handler's answer on the wire. Resolves when it is sent or the client left. */
export async function sendAnswer(response: Served, answer: Answer): Promise<void> {
  switch (answer.kind) {
    case "json":
      if (answer.location !== undefined) response.set({ Location: answer.location, "Content-Location": answer.location });
      response.status(answer.status).type("application/json; charset=utf-8");
      return end(response, JSON.stringify(answer.body));
    case "text":
      response.status(answer.status).set("Content-Type", answer.type);
      return end(response, answer.text);
    case "outcome":
      if (answer.retryAfterSeconds !== undefined) response.set("Retry-After", String(answer.retryAfterSeconds));
      response.status(answer.status).type(fhir);
      return end(response, JSON.stringify(answer.outcome));
    case "fhir":
      response.status(answer.status).type(fhir);
      return end(response, JSON.stringify(answer.resource));
    case "reading":
      response.status(200).type(fhir);
      return sendReading(response, answer.reading, () => end(response, serializeBundle(answer.reading.bundle)));
    case "rows":
      return sendRows(response, answer.rows, answer.format);
    case "events":
      return sendEvents(response, answer.events, response.locals.context.requestId);
  }
}
