import { expectStatus } from "../client/call.ts";
import { finishedExport, postExport } from "../client/deliver-export.ts";
import { connectMllp } from "../client/mllp.ts";
import type { Platform } from "../client/platform.ts";
import type { SignIn } from "../client/sign-in.ts";
import type { SampleExport } from "./events.ts";
import type { Summary } from "./summary.ts";

/** How many messages of one connection may be unfinished at a time. */
const window = 16;

/** Delivers a feed's exports in order, each when the one before is finished. */
export async function deliverFeed(facts: {
  platform: Platform;
  signIn: SignIn;
  client: string;
  exports: readonly SampleExport[];
  summary: Summary;
}): Promise<void> {
  const { platform, signIn, client, summary } = facts;
  const token = () => signIn.client(client, "exports");
  for (const made of facts.exports) {
    const { id } = await expectStatus(postExport(platform, await token(), made), 202);
    summary.add(made, await finishedExport(platform, token, id));
  }
}

/** Sends C's messages over one MLLP connection per institution, each after the acknowledgment of the one before; follows those whose ACK names their export. */
export async function deliverMessages(facts: {
  platform: Platform;
  signIn: SignIn;
  messages: readonly SampleExport[];
  summary: Summary;
}): Promise<void> {
  const facilities = Map.groupBy(facts.messages, (made) => bytesOf(made).toString("latin1").split("|")[3]);
  await Promise.all([...facilities.values()].map((messages) => deliverOverOneConnection({ ...facts, messages })));
}

async function deliverOverOneConnection(facts: Parameters<typeof deliverMessages>[0]): Promise<void> {
  const { platform, signIn, messages, summary } = facts;
  if (platform.mllp === undefined) throw new Error("the platform's MLLP port does not run");
  const token = () => signIn.client("operator", "operate");
  const sender = await connectMllp(platform.mllp);
  const unfinished: Promise<void>[] = [];
  try {
    for (const made of messages) {
      const { code, text } = await sender.send(bytesOf(made));
      const id = /h[0-9a-f]{40}/.exec(text)?.[0];
      if (code !== "AA" || id === undefined) summary.acknowledged(made, code);
      else unfinished.push(finishedExport(platform, token, id).then((state) => summary.add(made, state)));
      if (unfinished.length >= window) await Promise.all(unfinished.splice(0));
    }
    await Promise.all(unfinished);
  } finally {
    sender.close();
  }
}

function bytesOf(made: SampleExport): Buffer {
  return made.files[0]?.bytes ?? Buffer.alloc(0);
}
