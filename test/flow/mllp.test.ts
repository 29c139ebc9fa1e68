import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connectMllp, type MllpSender } from "../../scripts/client/mllp.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { labMessagesOfC } from "../../scripts/sample/fresh.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import type { Tenant } from "../../src/kernel/brand.ts";
import { taskKindTokens } from "../../src/work/task.ts";
import { flowWorld, type World } from "../platform.ts";

let world: World;
let sender: MllpSender;
beforeAll(async () => {
  world = flowWorld();
  if (world.platform.mllp === undefined) throw new Error("the engine has no MLLP port");
  sender = await connectMllp(world.platform.mllp);
});
afterAll(async () => {
  sender.close();
  await world.close();
});

const at = later(new Date(), -2 * dayMs);
const messages = () =>
  labMessagesOfC(freshResident(), [{ item: "GLU", value: "5.1" }], at).map(({ files }) => files[0]?.bytes ?? Buffer.alloc(0));
const changed = (message: Buffer, from: string, to: string) =>
  Buffer.from(message.toString("latin1").replace(from, to), "latin1");

describe("an HL7 v2 message over MLLP", () => {
  it("is AA when its work is stored, and becomes resources of the institution it names", async () => {
    const [adt = Buffer.alloc(0), oru = Buffer.alloc(0)] = messages();
    expect((await sender.send(adt)).code).toBe("AA");
    expect((await sender.send(oru)).code).toBe("AA");
    const number = /\rOBR\|1\|[^|]*\|([^|]*)/.exec(oru.toString("utf8"))?.[1];
    const [report] = await waitFor(
      "the report",
      () =>
        world.store.searchAll("c-county" as Tenant, "DiagnosticReport", {
          identifier: `urn:hutong:c-lis:lab-report|${number}`,
        }),
      (found) => found.length > 0,
    );
    expect(report?.status).toBe("final");
  });

  it("sent again is AA again and the same work", async () => {
    const [adt = Buffer.alloc(0)] = messages();
    const tasks = () =>
      world.store.searchAll("DEFAULT", "Task", { code: taskKindTokens("ingest"), _elements: "id", _sort: "-_lastUpdated" });
    expect((await sender.send(adt)).code).toBe("AA");
    const before = (await tasks()).length;
    expect((await sender.send(adt)).code).toBe("AA");
    expect((await tasks()).length).toBe(before);
  });

  it.each([
    ["AE when it is no HL7 v2 message", () => Buffer.from("hello"), "AE"],
    ["AE without a control id", (adt: Buffer) => changed(adt, adt.toString("latin1").split("|")[9] ?? "", ""), "AE"],
    ["AR when no feed takes its type", (adt: Buffer) => changed(adt, "ADT^A04", "SIU^S12"), "AR"],
  ])("is %s, with a reason that repeats nothing of it", async (_, make, code) => {
    const [adt = Buffer.alloc(0)] = messages();
    const answer = await sender.send(make(adt));
    expect(answer.code).toBe(code);
    expect(answer.text).toMatch(/^[\x20-\x7e]{5,}$/);
  });

  it("of an unknown institution is taken, and its report names the message's line", async () => {
    const [adt = Buffer.alloc(0)] = messages();
    const stranger = changed(adt, "|XRMYY|", "|ZZWSY|");
    expect((await sender.send(stranger)).code).toBe("AA");
    const { state, issues } = await world.deliver({ feed: "c-adt", files: [{ name: "stranger.hl7", bytes: stranger }] });
    expect(state.status).toBe("completed");
    expect(issues).toContainEqual(
      expect.objectContaining({ code: "unknown-institution", severity: "error", line: expect.any(Number) }),
    );
  });
});
