import { randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";
import type { MessageAnswer } from "../../ingest/accept-message.ts";
import type { Now } from "../../kernel/clock.ts";
import type { Log } from "../../kernel/log.ts";
import { acknowledge } from "./acknowledge.ts";
import { createFrameReader, type Frame, framed } from "./frames.ts";

/** The door for HL7 v2 over MLLP. */
export interface MllpServer {
  /** Resolves with the port once it listens. */
  listen(): Promise<number>;
  /** Takes no more connections, answers what has been received, then ends. */
  close(): Promise<void>;
}

/** Bounds of the door. */
export interface MllpLimits {
  readonly connections: number;
  /** Longest message, bytes. */
  readonly messageBytes: number;
  /** Longest time from a message's first byte to its last, ms. */
  readonly messageMs: number;
  /** Longest silence between two messages, ms. */
  readonly idleMs: number;
}

/** Bounds that suit a hospital's interface engine. */
const usualLimits: MllpLimits = { connections: 64, messageBytes: 1_048_576, messageMs: 30_000, idleMs: 600_000 };

/** Messages of one connection are answered in their order; those that came together are taken together. `receive` must not throw. */
export function createMllpServer(options: {
  readonly host: string;
  readonly port: number;
  readonly receive: (message: Buffer) => Promise<MessageAnswer>;
  readonly now: Now;
  readonly log: Log;
  readonly limits?: MllpLimits;
}): MllpServer {
  const limits = options.limits ?? usualLimits;
  const conversations = new Set<Conversation>();
  const server = createServer((socket) => {
    const conversation = converse(socket, { ...options, limits });
    conversations.add(conversation);
    socket.once("close", () => conversations.delete(conversation));
  });
  server.maxConnections = limits.connections;
  server.on("drop", () =>
    options.log.warn({ connections: limits.connections }, "an mllp connection was turned away: too many"),
  );

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(options.port, options.host, () => {
          const address = server.address();
          resolve(typeof address === "object" && address !== null ? address.port : options.port);
        });
      }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...conversations].map((conversation) => conversation.end()));
      await closed;
    },
  };
}

interface Conversation {
  /** Ends after the messages already received are answered. */
  end(): Promise<void>;
}

function converse(
  socket: Socket,
  options: {
    readonly receive: (message: Buffer) => Promise<MessageAnswer>;
    readonly now: Now;
    readonly log: Log;
    readonly limits: MllpLimits;
  },
): Conversation {
  const { limits, log } = options;
  const reader = createFrameReader(limits.messageBytes);
  let turn = Promise.resolve();
  let deadline: NodeJS.Timeout | undefined;
  const hangUp = (reason: string) => {
    log.warn({ reason }, "an mllp connection was ended");
    socket.destroySoon();
  };
  const receive = async (frame: Frame): Promise<MessageAnswer> =>
    frame.kind === "message" ? options.receive(frame.bytes) : refusals[frame.kind];
  const answer = async (frame: Frame, received: Promise<MessageAnswer>): Promise<void> => {
    const given = await received;
    const ack = framed(acknowledge(given, { at: options.now(), controlId: randomBytes(8).toString("hex") }));
    if (!socket.destroyed) socket.write(ack);
    if (given.code !== "AA") log.warn({ code: given.code, reason: given.reason }, "an hl7 message was not accepted");
    if (frame.kind !== "message") hangUp(frame.kind);
  };
  const awaitEnd = () => {
    clearTimeout(deadline);
    deadline = reader.open ? setTimeout(() => hangUp("message-too-slow"), limits.messageMs) : undefined;
  };

  socket.setTimeout(limits.idleMs, () => hangUp("idle"));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => clearTimeout(deadline));
  socket.on("data", (chunk) => {
    const wasOpen = reader.open;
    const frames = reader.push(chunk);
    if (!wasOpen || frames.length > 0) awaitEnd();
    if (frames.length === 0) return;
    // Nothing more is read until these are answered: a flood waits in the sender's own buffers.
    socket.pause();
    for (const frame of frames) {
      const received = receive(frame);
      turn = turn.then(() => answer(frame, received));
    }
    turn = turn.then(() => void socket.resume());
  });
  return {
    async end() {
      socket.pause();
      await turn;
      socket.destroySoon();
    },
  };
}

const refusals: Record<"too-long" | "noise", MessageAnswer> = {
  "too-long": { code: "AR", reason: "the message is too large" },
  noise: { code: "AR", reason: "bytes outside of an MLLP frame" },
};
