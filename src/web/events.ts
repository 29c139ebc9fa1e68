/** One server-sent event. */
export interface ServerEvent {
  readonly name: string;
  readonly data: unknown;
}

/**
 * Reads server-sent events (WHATWG HTML §9.2, as far as our server uses it: one `event` and one `data` line). Not with EventSource, which
 * cannot send the header that tells our own pages from other sites. Ends when the server ends, the line breaks, or `signal` aborts.
 */
export async function* serverEvents(path: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  const response = await fetch(path, { headers: { "X-Hutong-Page": "1" }, credentials: "same-origin", signal });
  if (!response.ok || response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const { events, rest } = eventsIn(text + value);
    text = rest;
    yield* events;
  }
}

/** The whole events in a text, and what is left of it: the beginning of the next. */
export function eventsIn(text: string): { readonly events: readonly ServerEvent[]; readonly rest: string } {
  const blocks = text.split("\n\n");
  const rest = blocks.pop() ?? "";
  const events = blocks.flatMap((block): ServerEvent[] => {
    const lines = block.split("\n");
    const name = lines.find((line) => line.startsWith("event: "))?.slice(7);
    const data = lines.find((line) => line.startsWith("data: "))?.slice(6);
    return name === undefined || data === undefined ? [] : [{ name, data: JSON.parse(data) }];
  });
  return { events, rest };
}
