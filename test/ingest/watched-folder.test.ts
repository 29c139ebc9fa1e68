import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createWatchedFolder, foreignFolders } from "../../src/adapters/watched-folder/watched-folder.ts";
import type { Delivery } from "../../src/ingest/accept-export.ts";
import type { Inbox } from "../../src/ingest/inbox.ts";
import { takeDeliveries } from "../../src/ingest/take-deliveries.ts";
import { sha256 } from "../../src/kernel/crypto-suite.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { createLog } from "../../src/kernel/log.ts";

const log = createLog({ level: "silent", role: "test" });
let dir: string;
let feed: string;
let inbox: Inbox;
let nowMs: number;
let fault: Fault | undefined;
const exports = new Map<string, string>();
const put = (name: string, text = name) => writeFile(join(feed, name), text);
const there = async (path = "") => (await readdir(join(feed, path)).catch(() => [])).sort();

function watch(taken: "keep" | "delete" = "keep"): void {
  inbox = createWatchedFolder({ dir, feeds: () => ["a-tb"], taken, patienceMs: 60_000, now: () => new Date(nowMs) });
}
/** Content is the key, as in accept-export.ts. */
async function accept(delivery: Delivery) {
  const files: string[] = [];
  for await (const { name, content } of delivery.files) {
    const parts: Uint8Array[] = [];
    for await (const part of content) parts.push(part);
    files.push(`${name}=${Buffer.concat(parts).toString()}`);
  }
  if (fault !== undefined) throw fault;
  if (files.length === 0) return { kind: "wrong" as const, problems: [{ field: "files", reason: "there is none" }] };
  const key = files.sort().join(" ");
  const id = exports.get(key) ?? `h${exports.size + 1}`;
  exports.set(key, id);
  return { kind: "accepted" as const, id: id as never };
}
const look = () => takeDeliveries({ inbox, accept, clientOf: (name) => (name === "a-tb" ? "a-his" : undefined), log });
async function looks(count = 2): Promise<number> {
  let taken = 0;
  for (let at = 0; at < count; at++) taken += await look();
  return taken;
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "inbox-"));
  feed = join(dir, "a-tb");
  await mkdir(feed);
  nowMs = Date.parse("2026-11-20T02:00:00Z");
  fault = undefined;
  exports.clear();
  watch();
});
afterEach(() => rm(dir, { recursive: true }));

describe("a delivery in a watched folder", () => {
  it("is taken when its .done file is there and nothing changed between two looks, and lies in taken/ by its export", async () => {
    await put("20261120_TB_A.csv");
    await put("20261120_TB_B.csv");
    expect(await looks(3)).toBe(0);
    await put("20261120.done", "");
    expect(await look()).toBe(0);
    expect(await look()).toBe(1);
    expect([...exports.keys()]).toEqual(["20261120_TB_A.csv=20261120_TB_A.csv 20261120_TB_B.csv=20261120_TB_B.csv"]);
    expect(await there()).toEqual(["taken"]);
    expect(await there("taken/h1")).toEqual(["20261120.done", "20261120_TB_A.csv", "20261120_TB_B.csv"]);
  });

  it("may be a folder, or the files its .done file lists with or without checksum and size", async () => {
    await mkdir(join(feed, "night"));
    await put("night/TB_A.csv");
    await put("night.done", "");
    await put("one.csv", "1");
    await put("two.csv", "22");
    await put("other.csv");
    await put("list.done", `${sha256(Buffer.from("1"))}  one.csv\r\ntwo.csv\t2\r\n`);
    expect(await looks()).toBe(2);
    expect([...exports.keys()].sort()).toEqual(["TB_A.csv=night/TB_A.csv", "one.csv=1 two.csv=22"]);
    expect(await there()).toEqual(["other.csv", "taken"]);
  });

  it("in a folder of no feed is named to the operator, because nobody looks there", async () => {
    for (const name of ["a_tb", ".snapshot"]) await mkdir(join(dir, name));
    await writeFile(join(dir, "readme.txt"), "");
    expect(await foreignFolders(dir, ["a-tb"])).toEqual(["a_tb"]);
  });

  it("is not mixed up with another whose name begins alike and is closed too", async () => {
    for (const name of ["n1.csv", "n1b.csv", "n1.done", "n1b.done"]) await put(name, name.endsWith(".done") ? "" : name);
    expect(await looks()).toBe(2);
    expect([...exports.keys()].sort()).toEqual(["n1.csv=n1.csv", "n1b.csv=n1b.csv"]);
  });

  it("that still grows, or whose files still have the name of an upload, waits", async () => {
    await put("n.csv", "1");
    await put("n.done", "");
    for (let at = 2; at < 6; at++) {
      expect(await look()).toBe(0);
      await put("n.csv", "1".repeat(at));
    }
    await put("n.csv.filepart", "x");
    expect(await looks(3)).toBe(0);
    await rename(join(feed, "n.csv.filepart"), join(feed, "n2.csv"));
    expect(await looks()).toBe(1);
  });

  it("that changes while it is read is not taken as it was", async () => {
    await put("n.csv", "old");
    await put("n.done", "");
    await look();
    const [closed] = await inbox.closed();
    await put("n.csv", "new!");
    const read = async () => {
      for await (const { content } of closed?.files() ?? []) for await (const _ of content);
    };
    await expect(read()).rejects.toMatchObject({ code: "delivery-changed" });
    expect(await looks()).toBe(1);
    expect([...exports.keys()]).toEqual(["n.csv=new!"]);
  });

  it("twice is the same export; deleted instead of kept when the setting says so", async () => {
    watch("delete");
    for (let time = 0; time < 2; time++) {
      await put("n.csv", "same");
      await put("n.done", "");
      expect(await looks()).toBe(1);
      expect(await there()).toEqual([]);
    }
    expect(exports.size).toBe(1);
  });

  it.each([
    ["a symbolic link", async () => symlink("/etc/passwd", join(feed, "n.csv")), "", /a link/],
    ["a hard link", async () => put("x").then(() => link(join(feed, "x"), join(feed, "n.csv"))), "", /a link/],
    ["a folder in a folder", async () => mkdir(join(feed, "n/inner"), { recursive: true }), "", /a folder/],
    ["a name that leads elsewhere", async () => undefined, "../b/n.csv", /line 1 of the .done file names no file/],
    ["an identity number as name", async () => put("n990101199001010018.csv"), "", /name of a file/],
    ["a missing file, for too long", async () => put("n.csv"), "n.csv\nm.csv", /it never was complete: .* missing/],
    ["another size, for too long", async () => put("n.csv"), "n.csv\t999", /another size/],
    ["another checksum, for too long", async () => put("n.csv"), `${"a".repeat(64)}  n.csv`, /checksum/],
    ["no file at all, for too long", async () => undefined, "", /no file belongs/],
  ])("with %s is put into refused/ with a reason to read, and nothing of it is taken", async (_, make, done, reason) => {
    await make();
    await put("n.done", done);
    await looks();
    nowMs += 61_000;
    await looks();
    const [folder] = await there("refused");
    expect(folder).toMatch(/^20261120T02\d{4}-n$/);
    expect(await readFile(join(feed, "refused", folder ?? "", "reason.txt"), "utf8")).toMatch(reason);
    expect((await there()).filter((name) => name !== "x")).toEqual(["refused"]);
    expect(exports.size).toBe(0);
  });

  it("through a folder that is a link is not followed", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "elsewhere-"));
    await writeFile(join(elsewhere, "secret.csv"), "secret");
    await symlink(elsewhere, join(feed, "n"));
    await put("n.done", "n/secret.csv");
    await looks();
    await put("m.done", "");
    await symlink(elsewhere, join(feed, "m"));
    await looks();
    nowMs += 61_000;
    await looks(3);
    expect([...exports.keys()].join()).not.toContain("secret");
    await rm(elsewhere, { recursive: true });
  });

  it("stays where it is while the store is down, and is taken once it is back", async () => {
    await put("n.csv");
    await put("n.done", "");
    fault = new Fault("store-down");
    await look();
    await expect(look()).rejects.toMatchObject({ code: "store-down" });
    expect(await there()).toEqual(["n.csv", "n.done"]);
    fault = undefined;
    expect(await looks()).toBe(1);
  });

  it("of a feed nobody may deliver is refused", async () => {
    inbox = createWatchedFolder({ dir, feeds: () => ["b"], taken: "keep", patienceMs: 1, now: () => new Date(nowMs) });
    await mkdir(join(dir, "b"));
    await writeFile(join(dir, "b/n.csv"), "");
    await writeFile(join(dir, "b/n.done"), "");
    await looks();
    expect(await readdir(join(dir, "b"))).toEqual(["refused"]);
  });
});

describe("a watcher that dies", () => {
  it("after the Task is stored takes the delivery again, as the same export", async () => {
    await put("n.csv");
    await put("n.done", "");
    await look();
    for (const delivery of await inbox.closed()) await accept({ client: "a-his", feed: "a-tb", files: delivery.files() });
    watch(); // another process: nothing was put away
    expect(await looks()).toBe(1);
    expect(exports.size).toBe(1);
  });

  it.each(["done", "one file", "every file"])(
    "while it puts away (%s moved) is finished by the next, and nothing is taken twice",
    async (moved) => {
      await put("n1.csv");
      await put("n2.csv");
      await put("n.done", "");
      await looks();
      // As the disk looked when the power went: the note is there, some files are still at their place.
      const taken = join(feed, "taken/h1");
      const rest = moved === "done" ? ["n1.csv", "n2.csv"] : moved === "one file" ? ["n2.csv"] : [];
      for (const name of rest) await rename(join(taken, name), join(feed, name));
      const { ino, size, mtimeMs } = await import("node:fs").then(({ lstatSync }) =>
        lstatSync(join(rest.length > 0 ? feed : taken, "n2.csv")),
      );
      const file = { path: "n2.csv", kind: "file", inode: ino, size, changedMs: mtimeMs, links: 1 };
      await put(".n.done.hutong-away", JSON.stringify({ files: [file], target: "taken/h1" }));
      watch();
      expect(await looks(3)).toBe(0);
      expect(await there()).toEqual(moved === "done" ? ["n1.csv", "taken"] : ["taken"]);
    },
  );

  it("leaves a file alone that was replaced meanwhile: it is a new one", async () => {
    await put("n.csv", "new");
    const file = { path: "n.csv", kind: "file", inode: 1, size: 3, changedMs: 0, links: 1 };
    await put(".n.done.hutong-away", JSON.stringify({ files: [file], target: "taken/h1" }));
    await looks();
    expect(await there()).toEqual(["n.csv", "taken"]);
    await put("n.done", "");
    expect(await looks()).toBe(1);
  });
});
