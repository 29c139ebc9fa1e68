import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "@jest/globals";
import { connectMllp } from "../../../scripts/client/mllp.ts";

/** A receiver that answers every frame with these bytes, in pieces of `piece` bytes. */
async function receiver(answer: string, piece: number): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      if (!chunk.includes(0x1c)) return;
      if (answer === "hang up") return socket.destroy();
      const bytes = Buffer.from(`\x0b${answer}\x1c\r`, "latin1");
      for (let at = 0; at < bytes.length; at += piece) socket.write(bytes.subarray(at, at + piece));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as { port: number }).port };
}

describe("sending HL7 v2 over MLLP", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  it.each([
    {
      said: "an acceptance, with what it says",
      answer: "MSH|^~\\&|HUTONG\rMSA|AA|7|h12\r",
      piece: 999,
      code: "AA",
      text: "h12",
    },
    { said: "an acceptance that comes in pieces", answer: "MSH|^~\\&|HUTONG\rMSA|AA|7\r", piece: 3, code: "AA", text: "" },
    {
      said: "a refusal with its reason",
      answer: "MSH|^~\\&|HUTONG\rMSA|AR|7|try again\r",
      piece: 999,
      code: "AR",
      text: "try again",
    },
    { said: "something that is no acknowledgment", answer: "hello", piece: 999, code: "", text: "" },
  ])("reads $said", async ({ answer, piece, code, text }) => {
    const listening = await receiver(answer, piece);
    server = listening.server;
    const sender = await connectMllp({ host: "127.0.0.1", port: listening.port });
    expect(await sender.send(Buffer.from("MSH|1"))).toEqual({ code, text });
    expect(await sender.send(Buffer.from("MSH|2"))).toEqual({ code, text });
    sender.close();
  });

  it("throws when the receiver hangs up, so that nobody takes silence for acceptance", async () => {
    const listening = await receiver("hang up", 1);
    server = listening.server;
    const sender = await connectMllp({ host: "127.0.0.1", port: listening.port });
    await expect(sender.send(Buffer.from("MSH|1"))).rejects.toThrow();
  });
});
