import type { Acceptance, Delivery } from "./accept-export.ts";
import { inOneBlock } from "./landing.ts";

/** One message on its way to its feed. */
export interface GatheredMessage {
  readonly client: string;
  readonly feed: string;
  /** File name it gets in the export. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Most messages of one export, and most bytes of them. */
const most = { messages: 100, bytes: 8 * 2 ** 20 };

interface Waiting extends GatheredMessage {
  readonly answer: PromiseWithResolvers<Acceptance>;
}

/**
 * Accepts messages as exports. While one export of a feed is being stored, the messages that come for that feed wait, and then become one export together:
 * a lone message is not held up, a flood from many connections costs one Task for many messages. Each promise resolves only when the Task that
 * holds its message is stored, and rejects with its fault.
 */
export function gatherMessages(
  accept: (delivery: Delivery) => Promise<Acceptance>,
): (message: GatheredMessage) => Promise<Acceptance> {
  const lines = new Map<string, { readonly waiting: Waiting[]; busy: boolean }>();

  async function work(line: { readonly waiting: Waiting[]; busy: boolean }): Promise<void> {
    line.busy = true;
    while (line.waiting.length > 0) {
      const batch = takeBatch(line.waiting);
      const [first] = batch;
      if (first === undefined) break;
      try {
        const outcome = await accept({ client: first.client, feed: first.feed, files: filesOf(batch) });
        for (const { answer } of batch) answer.resolve(outcome);
      } catch (error) {
        for (const { answer } of batch) answer.reject(error);
      }
    }
    line.busy = false;
  }

  return (message) => {
    const key = `${message.client} ${message.feed}`;
    const line = lines.get(key) ?? { waiting: [], busy: false };
    lines.set(key, line);
    const answer = Promise.withResolvers<Acceptance>();
    line.waiting.push({ ...message, answer });
    if (!line.busy) void work(line);
    return answer.promise;
  };
}

function takeBatch(waiting: Waiting[]): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const message of waiting) {
    bytes += message.bytes.length;
    if (count > 0 && (count >= most.messages || bytes > most.bytes)) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

/** In the order in which they came: files of an export are read by name. A lone message keeps its name, so that it is the same export when it is sent again. */
async function* filesOf(batch: readonly Waiting[]) {
  for (const [at, { name, bytes }] of batch.entries()) {
    yield { name: batch.length === 1 ? name : `${String(at + 1).padStart(4, "0")}-${name}`, content: inOneBlock(bytes) };
  }
}
