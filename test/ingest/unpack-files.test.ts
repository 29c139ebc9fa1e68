import { gzipSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import iconv from "iconv-lite";
import { mapUnpacked } from "../../src/ingest/map-unpacked.ts";
import { type PackedFile, unpackFiles, usualUnpackLimits } from "../../src/ingest/unpack-files.ts";
import { Fault } from "../../src/kernel/fault.ts";
import type { ExportFile } from "../../src/mapping/mapped.ts";
import { zipOf } from "./zip-file.ts";

const rows = Buffer.from("YLJGYQDM,BGDH\r\n0001,R1\r\n");
const big = Buffer.from("0001,张三,检验报告,".repeat(20_000));

function fileOf(name: string, bytes: Buffer, chunkBytes = 1000): PackedFile {
  async function* open(from = 0) {
    for (let at = from; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  return { name, open, openAt: open, size: bytes.length };
}
async function contentOf(file: ExportFile): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of file.open()) parts.push(part);
  return Buffer.concat(parts);
}
async function unpacked(name: string, bytes: Buffer) {
  const { files, issues } = await unpackFiles([fileOf(name, bytes)]);
  const contents = await Promise.all(files.map(async (file) => [file.name, (await contentOf(file)).toString("latin1")]));
  return { contents: Object.fromEntries(contents) as Record<string, string>, issues };
}
const text = (bytes: Buffer) => bytes.toString("latin1");

describe("an archive among the files of an export", () => {
  it("that is a zip is its files, in folders or not, deflated or stored, read as often as asked", async () => {
    const zip = zipOf([
      { name: "TB_A_1.csv", bytes: rows },
      { name: "夜间/", bytes: Buffer.alloc(0), stored: true },
      { name: "夜间/TB_B_1.csv", bytes: big, flags: 0x800 },
      { name: "empty.csv", bytes: Buffer.alloc(0), stored: true },
      { name: "stored.csv", bytes: rows, stored: true },
      { name: "__MACOSX/._TB_A_1.csv", bytes: rows },
    ]);
    for (const file of [fileOf("night.zip", zip), { name: "night.zip", open: fileOf("night.zip", zip, 77).open }]) {
      const { files, issues } = await unpackFiles([file]);
      expect(issues).toEqual([]);
      expect(files.map(({ name }) => name)).toEqual([
        "night.zip/TB_A_1.csv",
        "night.zip/夜间/TB_B_1.csv",
        "night.zip/empty.csv",
        "night.zip/stored.csv",
      ]);
      for (let time = 0; time < 2; time++)
        expect((await Promise.all(files.map(contentOf))).map(text)).toEqual([rows, big, Buffer.alloc(0), rows].map(text));
    }
  });

  it.each([
    ["GBK, as Chinese Windows writes them", iconv.encode("门诊检验.csv", "gbk"), 0],
    ["GBK with a second byte that is a backslash", iconv.encode("診\u8a7a誠.csv", "gbk"), 0],
    ["UTF-8 without saying so, as a Mac does", Buffer.from("门诊检验.csv"), 0],
    ["UTF-8", Buffer.from("门诊检验.csv"), 0x800],
  ])("has its names read: %s", async (_, name, flags) => {
    const { contents, issues } = await unpacked("a.zip", zipOf([{ name, bytes: rows, flags }]));
    expect(issues).toEqual([]);
    const wanted = flags === 0x800 || name.includes("检验") ? "门诊检验.csv" : iconv.decode(name, "gbk");
    expect(Object.keys(contents)).toEqual([`a.zip/${wanted}`]);
  });

  it("that is gzip is its file, whatever its name; what is no archive passes untouched", async () => {
    expect((await unpacked("TB_A_1.csv.gz", gzipSync(big))).contents).toEqual({ "TB_A_1.csv.gz/TB_A_1.csv": text(big) });
    expect((await unpacked("TB_A_1.csv", gzipSync(rows))).contents).toEqual({ "TB_A_1.csv/TB_A_1.csv": text(rows) });
    for (const bytes of [rows, Buffer.alloc(0), Buffer.from("P"), Buffer.from("PKzip,is,no,zip\n")])
      expect((await unpacked("a.csv", bytes)).contents).toEqual({ "a.csv": text(bytes) });
  });

  it("that is an Excel workbook passes as it is, also inside a zip or under another name", async () => {
    const workbook = zipOf([{ name: "[Content_Types].xml", bytes: rows }]);
    expect((await unpacked("a.xlsx", workbook)).contents).toEqual({ "a.xlsx": text(workbook) });
    expect((await unpacked("a.csv", workbook)).contents).toEqual({ "a.csv": text(workbook) });
    expect((await unpacked("a.zip", zipOf([{ name: "b.xlsx", bytes: workbook }]))).contents).toEqual({
      "a.zip/b.xlsx": text(workbook),
    });
  });

  const one = (more: object) => zipOf([{ name: "a.csv", bytes: rows, ...more }]);
  const damaged = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 0xff;
    return copy;
  };
  it.each([
    ["cut off", one({}).subarray(0, 60), "its directory is missing: it is damaged or was cut off"],
    ["of a wrong checksum", damaged(one({ stored: true }), 40), "a.csv in it is damaged: its checksum does not fit"],
    ["damaged inside", damaged(zipOf([{ name: "a.csv", bytes: big }]), 60), /^a.csv in it is damaged/],
    ["encrypted", one({ flags: 1 }), "it is encrypted; send it without a password"],
    ["of another compression", one({ method: 12 }), "a.csv in it is compressed in another way than deflate"],
    ["with a way out in a name", one({ name: "../../etc/passwd" }), "the name of file 1 in it leads out of the archive"],
    ["with a Windows way out", one({ name: "..\\a.csv" }), "the name of file 1 in it leads out of the archive"],
    ["with an absolute name", one({ name: "/etc/a.csv" }), "the name of file 1 in it leads out of the archive"],
    ["with an identity number as name", one({ name: "990101199001010018.csv" }), "the name of file 1 in it cannot be used"],
    ["with a line break in a name", one({ name: "a\nb.csv" }), "the name of file 1 in it cannot be used"],
    ["with a link", one({ mode: 0o120777 }), "a.csv in it is a link"],
    [
      "with one name twice",
      zipOf([
        { name: "a.csv", bytes: rows },
        { name: "a.csv", bytes: big },
      ]),
      "it holds a.csv twice",
    ],
    ["of a zip", zipOf([{ name: "b.zip", bytes: one({}) }]), "it holds another archive (b.zip); pack the files once"],
    ["of a gzip", zipOf([{ name: "b.csv", bytes: gzipSync(rows) }]), "it holds another archive (b.csv); pack the files once"],
    ["gzip of a zip", gzipSync(one({})), "it holds another archive; pack the files once"],
    ["gzip of a tar", gzipSync(Buffer.concat([Buffer.alloc(257, 97), Buffer.from("ustar")])), /^it holds another archive/],
    ["gzip that is cut", gzipSync(big).subarray(0, -12), "it is damaged or was cut off"],
    ["gzip with a changed byte", damaged(gzipSync(big), 300), "it is damaged or was cut off"],
    ["of nothing", zipOf([]), "it holds no file"],
    ["RAR", Buffer.from("Rar!\x1a\x07\x01\x00", "latin1"), "it is a RAR archive; send zip or gzip"],
    ["7z", Buffer.from("7z\xbc\xaf\x27\x1c", "latin1"), "it is a 7z archive; send zip or gzip"],
    [
      "of 1,001 files",
      zipOf(Array.from({ length: 1001 }, (_, n) => ({ name: `${n}.csv`, bytes: rows }))),
      "it holds more than 1000 files",
    ],
  ])("%s is refused whole with one issue that says why, and the other files go on", async (_, bytes, reason) => {
    const { files, issues } = await unpackFiles([fileOf("a.zip", bytes), fileOf("good.csv", rows)]);
    expect(files.map(({ name }) => name)).toEqual(["good.csv"]);
    expect(issues).toEqual([
      { severity: "error", code: "archive", file: "a.zip", reason: expect.stringContaining("the archive is not taken: ") },
    ]);
    expect(issues[0]?.reason.slice("the archive is not taken: ".length)).toMatch(
      typeof reason === "string" ? new RegExp(`^${reason.replace(/[()]/g, "\\$&")}$`) : reason,
    );
  });

  it("that unpacks too far is refused before it has", async () => {
    const zeros = Buffer.alloc(4_000_000, 48);
    const limits = { ...usualUnpackLimits, freeBytes: 100_000, ratio: 100 };
    const bombs = [
      gzipSync(zeros),
      zipOf([{ name: "a.csv", bytes: zeros }]),
      zipOf([1, 2].map((n) => ({ name: `${n}`, bytes: zeros }))),
    ];
    for (const bomb of bombs) {
      const { files, issues } = await unpackFiles([fileOf("bomb", bomb)], limits);
      expect(files).toEqual([]);
      expect(issues[0]?.reason).toMatch(/more than 100 times its size/);
    }
    const { issues } = await unpackFiles([fileOf("a.gz", gzipSync(zeros))], { ...usualUnpackLimits, bytes: 1_000_000 });
    expect(issues[0]?.reason).toMatch(/more than 1000000 bytes/);
  });

  it("that our own disk cannot give is no fault of the archive", async () => {
    const zip = zipOf([{ name: "a.csv", bytes: big }]);
    async function* failing() {
      yield zip.subarray(0, 400);
      throw new Fault("landing-failed");
    }
    for (const bytes of [zip, gzipSync(big)])
      await expect(
        unpackFiles([{ name: "a", size: bytes.length, open: () => (bytes === zip ? failing() : failingGzip()) }]),
      ).rejects.toMatchObject({ code: "landing-failed" });
    async function* failingGzip() {
      yield gzipSync(big).subarray(0, 400);
      throw new Fault("landing-failed");
    }
  });

  it("however mutated, is either refused or gives exactly the files its directory lists", async () => {
    const zip = zipOf([
      { name: "a.csv", bytes: rows },
      { name: "b.csv", bytes: big.subarray(0, 3000) },
    ]);
    await fc.assert(
      fc.asyncProperty(fc.nat(zip.length - 1), fc.nat(255), fc.nat(zip.length), async (at, value, cut) => {
        const mutated = Buffer.from(zip);
        mutated[at] = value;
        const { files, issues } = await unpackFiles([fileOf("a.zip", cut % 3 === 0 ? mutated.subarray(0, cut) : mutated)]);
        expect(files.length > 0 || issues.length === 1).toBe(true);
        for (const file of files) await contentOf(file);
      }),
      { numRuns: 500 },
    );
  });
});

describe("mapping what archives hold", () => {
  const report = { rows: {}, unmappedColumns: [], unusedColumns: [], tableMisses: [], issues: { orphan: 1 } };
  async function* nothing() {}
  const mapExport = (feed: string, _files: readonly ExportFile[]) =>
    feed === "known" ? { events: nothing(), report: () => report } : undefined;

  it("tells a refused archive as an issue of the run, and counts it", async () => {
    const run = mapUnpacked(mapExport)("known", [fileOf("a.rar", Buffer.from("Rar!\x1a\x07\x01\x00", "latin1"))]);
    const events: unknown[] = [];
    for await (const event of run?.events ?? []) events.push(event);
    expect(events).toEqual([{ kind: "issue", issue: expect.objectContaining({ code: "archive", file: "a.rar" }) }]);
    expect(run?.report().issues).toEqual({ orphan: 1, archive: 1 });
  });

  it("tells how much of the unpacked bytes has been read", async () => {
    const seen: (number | undefined)[] = [];
    const reading = (_feed: string, files: readonly ExportFile[]) => {
      async function* events() {
        for (const file of files)
          for await (const _ of file.open())
            yield {
              kind: "issue" as const,
              issue: { severity: "warning" as const, code: "columns" as const, file: "a", reason: "r" },
            };
      }
      return { events: events(), report: () => report };
    };
    const zip = zipOf([{ name: "a.csv", bytes: big }]);
    const run = mapUnpacked(reading)("known", [fileOf("a.zip", zip), fileOf("b.csv", big, big.length / 2)]);
    for await (const _ of run?.events ?? []) seen.push(run?.percent?.());
    expect(seen[0]).toBeLessThan(51);
    expect(seen.at(-1)).toBe(100);
    expect(seen).toEqual([...seen].sort((one, other) => (one ?? 0) - (other ?? 0)));
  });

  it("of a feed nobody loaded is nothing", () => {
    expect(mapUnpacked(mapExport)("unknown", [])).toBeUndefined();
  });
});
