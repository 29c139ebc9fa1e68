import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What a receiver answered to one message: MSA-1 (`AA` taken, `AE`/`AR` not) and MSA-3. */
interface Acknowledgment {
  readonly code: string;
  readonly text: string;
}

/** A connection on which messages go out one by one, each waiting for its acknowledgment. */
export interface MllpSender {
  /** Sends a message and waits for its ACK. Throws when the connection breaks: then send it again. */
  send(message: Buffer): Promise<Acknowledgment>;
  close(): void;
}

const begin = Buffer.from([0x0b]);
const end = Buffer.from([0x1c, 0x0d]);

/** Connects to an MLLP port. */
export async function connectMllp(address: { host: string; port: number }, timeoutMs = 30_000): Promise<MllpSender> {
  const socket = connect(address);
  socket.setNoDelay(true);
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no acknowledgment within ${timeoutMs / 1000} s`)));
  await once(socket, "connect");
  const frames = framesOf(socket);
  return {
    async send(message) {
      socket.write(Buffer.concat([begin, message, end]));
      const { value, done } = await frames.next();
      if (done) throw new Error("the receiver closed the connection");
      const msa = value
        .toString("utf8")
        .split(/[\r\n]+/)
        .find((segment: string) => segment.startsWith("MSA"));
      const [, code = "", , text = ""] = msa?.split("|") ?? [];
      return { code, text };
    },
    close: () => socket.end(),
  };
}

async function* framesOf(socket: Socket): AsyncGenerator<Buffer, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let at = rest.indexOf(end); at >= 0; at = rest.indexOf(end)) {
      yield rest.subarray(rest[0] === begin[0] ? 1 : 0, at);
      rest = rest.subarray(at + end.length);
    }
  }
  return undefined;
}
