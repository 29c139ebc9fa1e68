import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Reading } from "./use-cases.ts";

const stalledMs = 30_000;

/** Writes and waits until the client has taken it; a client that takes nothing for 30 s is cut. Resolves when the connection is gone, too. */
export async function write(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed || response.write(text)) return;
  const timer = setTimeout(() => response.destroy(), stalledMs);
  await Promise.race([once(response, "drain"), once(response, "close")]).catch(() => undefined);
  clearTimeout(timer);
}

/**
 * Sends what a reading released, and stops in the middle when the consent behind it is withdrawn: the connection is cut,
 * so that nobody takes half an answer for a whole one. Tells the reading how it ended, once.
 */
export async function sendReading(response: ServerResponse, reading: Reading, send: () => Promise<void>): Promise<void> {
  let cut = reading.revoked?.aborted === true;
  const stop = () => {
    cut = true;
    response.destroy();
  };
  if (cut) stop();
  reading.revoked?.addEventListener("abort", stop, { once: true });
  try {
    if (!cut) await send();
  } finally {
    reading.revoked?.removeEventListener("abort", stop);
    await reading.ended?.(cut ? "cut" : response.destroyed && !response.writableFinished ? "left" : "sent");
  }
}

/** Ends the answer and waits until the last byte left or the client did. */
export async function end(response: ServerResponse, text = ""): Promise<void> {
  if (response.destroyed) return;
  const over = once(response, "close");
  response.end(text);
  const timer = setTimeout(() => response.destroy(), stalledMs);
  await over.catch(() => undefined);
  clearTimeout(timer);
}
