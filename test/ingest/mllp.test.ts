import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createMllpServer, type MllpServer } from "../../src/adapters/mllp/mllp-server.ts";
import { acceptMessage, type MessageRoute } from "../../src/ingest/accept-message.ts";
import { gatherMessages } from "../../src/ingest/gather-messages.ts";
import { messageRoutes } from "../../src/ingest/message-routes.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { createLog } from "../../src/kernel/log.ts";

const routes: readonly MessageRoute[] = [
  { application: "LIS", type: "ORU", client: "c-shared-his", feed: "c-lis" },
  { type: "ADT", client: "c-shared-his", feed: "c-adt" },
];
const exports: string[][] = [];
let storing: Promise<void> | undefined;
const accepted: { feed: string; bytes: Buffer }[] = [];
let fault: Fault | undefined;
let server: MllpServer;
let socket: Socket;
let received: Buffer;

async function start(limits: { messageBytes?: number; messageMs?: number; idleMs?: number } = {}): Promise<void> {
  const accept = gatherMessages(async (delivery) => {
    if (fault !== undefined) throw fault;
    await storing;
    const names: string[] = [];
    for await (const { name, content } of delivery.files) {
      names.push(name);
      for await (const bytes of content) accepted.push({ feed: delivery.feed, bytes: Buffer.from(bytes) });
    }
    exports.push(names);
    return { kind: "accepted" as const, id: "h1" as never };
  });
  server = createMllpServer({
    host: "127.0.0.1",
    port: 0,
    receive: (message) => acceptMessage({ routes, accept }, message),
    now: () => new Date("2026-11-18T00:00:00Z"),
    log: createLog({ level: "silent", role: "mllp" }),
    limits: { connections: 4, messageBytes: 10_000, messageMs: 5_000, idleMs: 5_000, ...limits },
  });
  const port = await server.listen();
  socket = connect(port, "127.0.0.1");
  received = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
  });
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
}

beforeEach(() => {
  accepted.length = 0;
  exports.length = 0;
  storing = undefined;
  fault = undefined;
});
afterEach(async () => {
  socket.destroy();
  await server.close();
});

const frame = (message: Buffer | string) =>
  Buffer.concat([Buffer.from([0x0b]), Buffer.from(message), Buffer.from([0x1c, 0x0d])]);
const oru = (control: string, more = "") =>
  `MSH|^~\\&|LIS|C|HUTONG||20261118081500||ORU^R01|${control}|P|2.3.1||||0||ASCII\rPID|||1\r${more}`;
const acks = () =>
  received
    .toString("latin1")
    .split("\x1c\r")
    .filter((ack) => ack !== "")
    .map((ack) => ack.slice(1));
async function until(test: () => boolean): Promise<void> {
  for (let waited = 0; !test(); waited += 5) {
    if (waited > 4_000) throw new Error("waited too long");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("messages over MLLP", () => {
  it("are acknowledged with AA and their own control id once they are stored", async () => {
    await start();
    socket.write(frame(oru("A-1")));
    await until(() => acks().length === 1);
    expect(acks()[0]).toMatch(
      /^MSH\|\^~\\&\|HUTONG\|\|LIS\|C\|20261118000000\+0000\|\|ACK\^R01\|[0-9a-f]{16}\|P\|2\.3\.1\rMSA\|AA\|A-1\|h1\r$/,
    );
    expect(accepted).toEqual([{ feed: "c-lis", bytes: Buffer.from(oru("A-1")) }]);
  });

  it("may come in pieces, several in one piece, or byte by byte, and are answered in their order", async () => {
    await start();
    const stream = Buffer.concat([frame(oru("1")), Buffer.from("\r\n"), frame(oru("2")), frame(oru("3"))]);
    socket.write(stream.subarray(0, 50));
    for (const byte of stream.subarray(50, 120)) socket.write(Buffer.from([byte]));
    socket.write(stream.subarray(120));
    await until(() => acks().length === 3);
    expect(acks().map((ack) => /MSA\|AA\|(.*)\|h1\r/.exec(ack)?.[1])).toEqual(["1", "2", "3"]);
  });

  it("keep their bytes whatever their charset, also where a character holds a delimiter", async () => {
    await start();
    // 0xD5 0x7C and 0xB0 0x5E are single characters of GB18030.
    const message = Buffer.concat([
      Buffer.from("MSH|^~\\&|"),
      Buffer.from([0xb0, 0x5e, 0xd5, 0x7c]),
      Buffer.from("|C|||20261118081500||ADT^A01|GB-7|P|2.4||||||GB18030\rPID|||1\r"),
    ]);
    socket.write(frame(message));
    await until(() => acks().length === 1);
    expect(acks()[0]).toContain("MSA|AA|GB-7|h1\r");
    expect(accepted[0]?.bytes.equals(message)).toBe(true);
    expect(received.includes(Buffer.from([0xb0, 0x5e, 0xd5, 0x7c]))).toBe(true);
  });

  it.each`
    said                | message                                   | answer
    ${"another type"}   | ${oru("9").replace("ORU^R01", "ORM^O01")} | ${"MSA|AR|9|no feed takes messages of this sender and type"}
    ${"another sender"} | ${oru("9").replace("|LIS|", "|XXX|")}     | ${"MSA|AR|9|no feed takes messages of this sender and type"}
    ${"no MSH segment"} | ${"hello"}                                | ${"MSA|AE||no HL7 v2 message"}
    ${"no control id"}  | ${oru("")}                                | ${"MSA|AE||MSH-10 is missing"}
  `("with $said are told why they are not taken", async ({ message, answer }) => {
    await start();
    socket.write(frame(String(message)));
    await until(() => acks().length === 1);
    expect(acks()[0]).toContain(answer);
    expect(accepted).toEqual([]);
  });

  it("are refused for now, and the connection stays, while the store is down", async () => {
    await start();
    fault = new Fault("store-down");
    socket.write(frame(oru("1")));
    await until(() => acks().length === 1);
    fault = undefined;
    socket.write(frame(oru("1")));
    await until(() => acks().length === 2);
    expect(acks().map((ack) => ack.split("MSA|")[1])).toEqual(["AR|1|the store does not answer, try again\r", "AA|1|h1\r"]);
  });

  it("that are too long, or no frames at all, end the connection with a reason", async () => {
    await start();
    socket.write(frame(oru("1", "x".repeat(20_000))));
    await until(() => socket.readableEnded || socket.destroyed);
    expect(acks()[0]).toContain("MSA|AR||the message is too large");
    await server.close();
    await start();
    socket.write("GET / HTTP/1.1\r\n\r\n");
    await until(() => socket.readableEnded || socket.destroyed);
    expect(acks()[0]).toContain("bytes outside of an MLLP frame");
  });

  it("that never end are not waited for", async () => {
    await start({ messageMs: 50 });
    socket.write(Buffer.from("\x0bMSH|^~\\&|LIS"));
    await until(() => socket.readableEnded || socket.destroyed);
    expect(acks()).toEqual([]);
  });

  it("given up half-way and begun anew are taken once", async () => {
    await start();
    socket.write(Buffer.concat([Buffer.from("\x0bMSH|^~\\&|LIS|C|||2026||ORU^R01|old|P"), frame(oru("new"))]));
    await until(() => acks().length === 1);
    expect(acks()[0]).toContain("MSA|AA|new");
    expect(accepted).toEqual([{ feed: "c-lis", bytes: Buffer.from(oru("new")) }]);
  });

  it("that wait for a feed while one is being stored become one export, in their order; none is AA before its Task is stored", async () => {
    await start();
    const stored = Promise.withResolvers<void>();
    storing = stored.promise;
    socket.write(frame(oru("1")));
    socket.write(Buffer.concat([2, 3, 4].map((n) => frame(oru(String(n))))));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(acks()).toEqual([]);
    stored.resolve();
    await until(() => acks().length === 4);
    expect(acks().map((ack) => /MSA\|AA\|(.*)\|h1\r/.exec(ack)?.[1])).toEqual(["1", "2", "3", "4"]);
    expect(exports.flat()).toHaveLength(4);
    expect(exports.at(-1)).toEqual(
      ["0001-ORU-R01.hl7", "0002-ORU-R01.hl7", "0003-ORU-R01.hl7"].slice(-(exports.at(-1)?.length ?? 0)),
    );
    expect(exports.length).toBeLessThan(4);
  });
});

describe("messages of one type from several suppliers", () => {
  const header = (fields: string) => Buffer.from(`MSH|^~\\&|${fields}|20261118081500||ORU^R01|7|P|2.4\rPID|||1\r`);
  const feed = (name: string) => ({ name, format: "hl7v2", tables: new Map([["t", { messages: ["ORU"] }]]) }) as never;
  const senders: Record<string, object[]> = {
    "c-lis": [{ application: "LIS" }],
    "d-lis": [{ application: "LIS", facility: "D" }, { receivingFacility: "HUB-D" }],
    "e-lis": [{ facility: "E", receivingApplication: "HUTONG" }],
  };
  const ask = async (fields: string, feeds = Object.keys(senders)) => {
    const taken: string[] = [];
    const accept = async (message: { feed: string }) => {
      taken.push(message.feed);
      return { kind: "accepted" as const, id: "h1" as never };
    };
    const some = messageRoutes(feeds.map(feed), (name) => ({ client: "x", senders: senders[name] ?? [] }));
    const { code, reason } = await acceptMessage({ routes: some, accept }, header(fields));
    return { code, reason, taken };
  };

  it.each([
    ["LIS|C|HUTONG|", ["c-lis"]],
    ["LIS|D|HUTONG|", ["d-lis"]],
    ["RIS|X|HUTONG|HUB-D", ["d-lis"]],
    ["RIS|E|HUTONG|", ["e-lis"]],
  ])("are told apart by MSH-3 to MSH-6: %s goes to %j", async (fields, feeds) => {
    expect(await ask(fields)).toMatchObject({ code: "AA", taken: feeds });
  });

  it("are AR when nobody knows the sender, or the registry leaves two feeds to choose from", async () => {
    expect(await ask("RIS|X|Y|Z")).toMatchObject({
      code: "AR",
      reason: "no feed takes messages of this sender and type",
      taken: [],
    });
    senders["f-lis"] = [];
    senders["g-lis"] = [];
    expect(await ask("RIS|X|Y|Z", ["f-lis", "g-lis"])).toMatchObject({
      code: "AR",
      reason: "several feeds take messages of this sender and type",
    });
  });
});
