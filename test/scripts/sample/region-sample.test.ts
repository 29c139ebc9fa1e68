import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { Hl7Message } from "@medplum/core";
import { parse } from "csv-parse/sync";
import type { SampleExport } from "../../../scripts/sample/events.ts";
import { withCheckCharacter } from "../../../scripts/sample/people.ts";
import { makeRegionSample } from "../../../scripts/sample/region-sample.ts";

const options = { seed: "1", residents: 60, days: 90, today: new Date("2026-11-22T05:00:00Z") };
const sample = makeRegionSample(options);

function textOf(path: string): string {
  const [feed, name, file] = path.split("/");
  const made = sample.exports.find(
    (one) => one.feed === feed && (file === undefined || one.name === name) && one.files.some((f) => f.name === (file ?? name)),
  );
  const bytes = made?.files.find((f) => f.name === (file ?? name))?.bytes ?? Buffer.alloc(0);
  return bytes.subarray(0, 3).toString("hex") === "efbbbf"
    ? bytes.toString("utf8")
    : new TextDecoder(feed === "a-tb" || feed === "c-adt" ? "gb18030" : "utf8", { fatal: true }).decode(bytes);
}

const digest = (exports: readonly SampleExport[]) => {
  const hash = createHash("sha256");
  for (const made of exports) for (const file of made.files) hash.update(made.name).update(file.name).update(file.bytes);
  return hash.digest("hex");
};

describe("the sample region", () => {
  it("is the same for the same seed and day, and another for another seed or day", () => {
    expect(digest(makeRegionSample(options).exports)).toBe(digest(sample.exports));
    expect(digest(makeRegionSample({ ...options, seed: "2" }).exports)).not.toBe(digest(sample.exports));
    expect(digest(makeRegionSample({ ...options, today: new Date("2026-12-22T05:00:00Z") }).exports)).not.toBe(
      digest(sample.exports),
    );
  });

  it("holds nobody real: province 99, a phone range that does not exist", () => {
    for (const { number, phone, documentType } of sample.people) {
      expect(number === "-" || (documentType === undefined ? /^99/ : /^[EH]99/).test(number)).toBe(true);
      expect(phone === "-" || /^100\d{8}$/.test(phone)).toBe(true);
    }
    const proper = sample.people.filter(
      ({ number, documentType }) => documentType === undefined && number !== "-" && number !== "990121196001318199",
    );
    expect(proper.every(({ number }) => withCheckCharacter(number.slice(0, 17)) === number)).toBe(true);
    const everything = sample.exports
      .flatMap((made) => made.files.map((file) => new TextDecoder("gb18030").decode(file.bytes)))
      .join("\n");
    const numbers =
      everything.match(/(?<![\d.])[1-8]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX](?!\d)/g) ?? [];
    expect(numbers).toEqual([]);
  });

  it.each([
    "birth-1900",
    "borrowed-card",
    "duplicate-row",
    "equal-numbers",
    "future-date",
    "impossible-date",
    "not-a-number",
    "not-reviewed",
    "number-reused",
    "odd-results",
    "orphan-row",
    "other-encoding",
    "quality-control",
    "quoted-cell",
    "re-issued",
    "refund-without-charge",
    "retracted-after",
    "retracted-before",
    "sensitive",
    "sex-as-letters",
    "unit-missing",
    "unknown-institution",
    "unknown-item",
  ])("has %s in it, for any seed", (kind) => {
    expect(sample.dirt.map((note) => note.kind)).toContain(kind);
    expect(makeRegionSample({ ...options, seed: "7" }).dirt.map((note) => note.kind)).toContain(kind);
  });

  it.each([
    { kind: "orphan-row", holds: "199999" },
    { kind: "unknown-item", holds: "CYSC" },
    { kind: "future-date", holds: "2099-" },
    { kind: "refund-without-charge", holds: "M9900009999" },
    { kind: "quoted-cell", holds: "标本轻度溶血" },
  ])("names the line of $kind", ({ kind, holds }) => {
    const note = sample.dirt.find((one) => one.kind === kind);
    expect(textOf(note?.file ?? "").split("\r\n")[(note?.line ?? 0) - 1]).toContain(holds);
  });

  it("keeps every key once in A's tables of one night, but for the row that stands twice", () => {
    const keys = {
      TB_YL_PATIENT_INFORMATION: ["YLJGYQDM", "KH", "KLX"],
      TB_HIS_MZ_REG: ["YLJGYQDM", "JZLSH", "GTHBZ"],
      TB_LIS_REPORT: ["YLJGYQDM", "BGRQ", "BGDH"],
      TB_LIS_INDICATORS: ["YLJGYQDM", "JYZBLSH"],
      TB_RIS_REPORT: ["YLJGYQDM", "INSTANCEUID"],
    };
    const twice: string[] = [];
    for (const made of sample.exports.filter((one) => one.feed === "a-tb")) {
      for (const file of made.files) {
        const key = Object.entries(keys).find(([table]) => file.name.startsWith(table))?.[1];
        if (key === undefined) continue;
        const rows = parse(textOf(`a-tb/${made.name}/${file.name}`), {
          columns: true,
          bom: true,
          relax_quotes: false,
        }) as Record<string, string>[];
        const seen = rows.map((row) => key.map((column) => row[column]).join("|"));
        twice.push(...seen.filter((one, at) => seen.indexOf(one) !== at).map((one) => `${file.name} ${one}`));
      }
    }
    expect(twice).toHaveLength(1);
  });

  it("writes names that only GB18030 can, and C's GBK loses one of them", () => {
    const patients = sample.exports
      .filter((one) => one.feed === "a-tb")
      .flatMap((made) =>
        made.files
          .filter((file) => file.name.startsWith("TB_YL_PATIENT"))
          .map((file) => textOf(`a-tb/${made.name}/${file.name}`)),
      );
    expect(patients.join("")).toContain("李㛃");
    const adt = sample.exports
      .filter((one) => one.feed === "c-adt")
      .map((made) => new TextDecoder("gb18030").decode(made.files[0]?.bytes));
    expect(adt.join("")).toContain("李?");
  });

  it("puts the fields of an HL7 message where README.md says", () => {
    const made = sample.exports.find(
      (one) => one.feed === "c-lis" && /ORU\^R01.*SGN\^/s.test(one.files[0]?.bytes.toString("utf8") ?? ""),
    );
    const message = Hl7Message.parse(made?.files[0]?.bytes.toString("utf8") ?? "");
    expect(message.getSegment("MSH")?.getField(12)?.toString()).toBe("2.3.1");
    expect(message.getSegment("PV1")?.getField(19)?.toString()).toMatch(/^[MZ]\d+$/);
    expect(message.getSegment("OBR")?.getField(32)?.toString()).toMatch(/^\d+&[^^]+\^\d{14}$/);
    expect(message.getSegment("OBX")?.getField(15)?.toString()).toBe("KHJYS^临湖康衡医学检验所");
    expect(message.getSegment("OBX")?.getField(17)?.toString()).toBe("酶法");
  });

  it("knows most residents in several institutions", () => {
    const places = new Map<string, Set<string>>();
    for (const made of sample.exports) {
      const text = made.files.map((file) => new TextDecoder("gb18030").decode(file.bytes)).join("");
      for (const { number } of sample.people)
        if (number !== "-" && text.includes(number)) places.set(number, (places.get(number) ?? new Set()).add(made.feed));
    }
    const several = [...places.values()].filter((feeds) => feeds.size > 1).length;
    expect(several / sample.people.length).toBeGreaterThan(0.5);
  });
});
