import { describe, expect, it } from "@jest/globals";
import type { Feed } from "../../src/mapping/compile-feed.ts";
import type { ExportFile, MappedSheet } from "../../src/mapping/mapped.ts";
import { fileOf, type Mapped, mapFiles, unaccountedRows } from "./map-files.ts";
import { type Draw, type Mutated, mutate, seeded } from "./mutate.ts";
import { textRow, workbookParts, zipOf } from "./workbook.ts";
import { showing, writtenFeed } from "./written-feed.ts";

// 10,000 broken files of each format, the same at every run; FUZZ_SEED tries others.
const files = Number(process.env.FUZZ_FILES ?? 10_000);
const seed = Number(process.env.FUZZ_SEED ?? 1);
const timeoutMs = 120_000;

// Keys that no single broken byte turns into one another.
const ids = ["aqz11", "bwx22", "cde33", "frv44"];
const place = `supplier: quality-centre\ninstitution: { always: LHLJZX }`;
const report = `mapping: test/report
version: 1
for: report
with: { results: { table: result, on: JOIN } }
ids: { DiagnosticReport: { kind: report, key: [id] }, Observation: [item] }
emit:
  - resourceType: DiagnosticReport
    status: final
    code: { text: "{{ title }}" }
    result: { $each: results, $ref: Observation }
  - $each: results
    resourceType: Observation
    status: final
    code: { text: x }
    valueString: "{{ value }}"
`;

/** What of a sheet must stay as it was. */
const contentOf = ({ head, members, person, order }: MappedSheet) =>
  JSON.stringify({ head, order, person, members: members.map(({ resource, digest, state }) => ({ resource, digest, state })) });

interface Trial {
  readonly mapped: Mapped;
  readonly mutated: Mutated;
}

/** Maps many broken files and tells the first that breaks a promise, with what was done to it. */
async function tryAll(
  feed: Feed,
  make: (draw: Draw) => { mutated: Mutated; exported: ExportFile[] },
  check: (trial: Trial) => void,
) {
  for (let number = 0; number < files; number++) {
    const draw = seeded(seed * 1_000_003 + number);
    const { mutated, exported } = make(draw);
    try {
      const mapped = await mapFiles(feed, exported);
      expect(unaccountedRows(mapped.report)).toBe(0);
      const skipped = Object.values(mapped.report.rows).reduce((sum, rows) => sum + rows.skipped, 0);
      if (skipped > 0) expect(mapped.issues.length + mapped.orphans.length).toBeGreaterThan(0);
      check({ mapped, mutated });
    } catch (error) {
      const shown = JSON.stringify(mutated.bytes.toString("latin1")).slice(0, 3_000);
      throw new Error(
        `file ${number} (${mutated.kind}, touched ${[...mutated.touched]}): ${shown}\n${(error as Error).message}`,
      );
    }
  }
}

/** The sheets of untouched pieces are what they were; where the break may reach further (`wide`), a sheet that is gone is at least told. */
function expectSheets({ mapped }: Trial, untouched: readonly string[], wide: boolean): void {
  const found = new Set(mapped.sheets.map(contentOf));
  const lost = untouched.filter((sheet) => !found.has(sheet));
  if (!wide) expect(lost).toEqual([]);
  else if (lost.length > 0)
    expect(
      mapped.report.unmappedColumns.length + mapped.issues.filter((issue) => issue.severity === "error").length,
    ).toBeGreaterThan(0);
}

/** A refused file gives nothing and says where and why. */
function expectRefusedWhole({ mapped }: Trial): void {
  expect(mapped.sheets).toEqual([]);
  const [issue] = mapped.issues.filter(({ severity }) => severity === "error");
  expect(issue?.reason).toMatch(/.{10}/);
  if (issue?.code !== "empty-file") expect(issue?.line ?? issue?.field).toBeDefined();
}

describe("broken files", () => {
  it(
    "of delimited text: rows that were not touched give what they gave",
    async () => {
      const feed = await writtenFeed({
        "feed.yaml": `feed: test\nformat: csv\nencoding: detect\n${place}
tables:
  report: { file: "report*", columns: { id: { required: true }, title: {} } }
  result: { file: "result*", columns: { id: { required: true }, item: { required: true }, value: { optional: true } } }
`,
        "report.yaml": report.replace("JOIN", "[id]"),
      });
      const heads = ["id,title\n", ...ids.map((id, at) => `${id},标题${at}\n`)].map((line) => Buffer.from(line));
      const rows = ["id,item,value\n", ...ids.flatMap((id, at) => [`${id},${id}-p${at},阴性\n`, `${id},${id}-q${at},"1,5"\n`])];
      const children = rows.map((line) => Buffer.from(line));
      const whole = (await mapFiles(feed, [fileOf("report", Buffer.concat(heads)), fileOf("result", Buffer.concat(children))]))
        .sheets;
      expect(whole).toHaveLength(ids.length);
      const sheets = whole.map(contentOf);
      let inHeads = true;
      await tryAll(
        feed,
        (draw) => {
          inHeads = draw(2) === 0;
          const mutated = mutate(inHeads ? heads : children, draw);
          const [one, other] = inHeads ? [mutated.bytes, Buffer.concat(children)] : [Buffer.concat(heads), mutated.bytes];
          return { mutated, exported: [fileOf("report", one), fileOf("result", other)] };
        },
        (trial) => {
          const { touched, changed, kind } = trial.mutated;
          // Most of the lines tell the encoding of the file. A sign before or after a quotation mark breaks the quoting as much as a mark that is lost.
          const pieces = inHeads ? heads : children;
          const quoted = changed.includes('"') || [...touched].some((at) => pieces[at]?.includes('"'));
          const own = (at: number) => (inHeads ? [1 + at] : [1 + 2 * at, 2 + 2 * at]);
          const untouched = sheets.filter((_sheet, at) => own(at).every((piece) => !touched.has(piece)));
          const reordered = (kind === "swap" || kind === "repeat") && !inHeads; // results of a report come in the order of the file
          const wide =
            touched.has(0) || quoted || 2 * touched.size >= pieces.length || kind.includes("cut-off") || isEnd(trial, pieces);
          if (!reordered) expectSheets(trial, untouched, wide);
        },
      );
    },
    timeoutMs,
  );

  it(
    "of NDJSON: lines that were not touched give what they gave",
    async () => {
      const feed = await writtenFeed({
        "feed.yaml": `feed: test\nformat: json\n${place}
tables:
  report: { file: "*", rows: "[*]", columns: { id: { required: true }, title: {}, row: { path: "@row" } } }
  result: { file: "*", rows: "[*].results[*]", columns: { row: { path: "^.@row" }, item: { required: true }, value: { optional: true } } }
`,
        "report.yaml": report.replace("JOIN", "[row]"),
      });
      const lines = ids.map(
        (id) => `{"id":"${id}","title":"标题","results":[{"item":"${id}-1","value":"阴性"},{"item":"${id}-2","value":1.50}]}\n`,
      );
      const pieces = lines.map((line) => Buffer.from(line));
      const sheets = (await mapFiles(feed, [fileOf("a.json", Buffer.concat(pieces))])).sheets.map(contentOf);
      expect(sheets).toHaveLength(ids.length);
      await tryAll(
        feed,
        (draw) => {
          const mutated = mutate(pieces, draw);
          return { mutated, exported: [fileOf("a.ndjson", mutated.bytes)] };
        },
        (trial) => {
          const { touched, kind } = trial.mutated;
          const untouched = sheets.filter((_sheet, at) => !touched.has(at));
          const restarted = !trial.mutated.bytes.subarray(0, 4).equals(Buffer.from('{"id')); // they tell the encoding of the file
          expectSheets(trial, untouched, restarted || kind.includes("cut-off"));
        },
      );
    },
    timeoutMs,
  );

  it(
    "of JSON: one that is no longer well-formed is refused whole, one that is gives every row",
    async () => {
      const feed = await writtenFeed({
        "feed.yaml": `feed: test\nformat: json\n${place}
tables:
  report: { file: "*", rows: "list[*]", columns: { id: { optional: true }, title: { optional: true } } }
`,
        "report.yaml": showing("report", ["id", "title"], ["id"]),
      });
      const pieces = [
        "{\n",
        '"made": "今天",\n',
        '"list": [\n',
        ...ids.map((id, at) => `{"id": "${id}", "title": ${at}.50},\n`),
        "{}]\n}\n",
      ];
      const bytes = pieces.map((piece) => Buffer.from(piece));
      await tryAll(
        feed,
        (draw) => {
          const mutated = mutate(bytes, draw);
          return { mutated, exported: [fileOf("a.json", mutated.bytes)] };
        },
        (trial) => {
          const value = parsed(trial.mutated.bytes);
          if (value === undefined) expectRefusedWhole(trial);
          else if (!trial.mapped.issues.some((issue) => issue.code === "header" || /stands twice/.test(issue.reason)))
            expect(trial.mapped.report.rows.report?.read).toBe((value as { list: unknown[] }).list.length);
          else expectRefusedWhole(trial);
        },
      );
    },
    timeoutMs,
  );

  it(
    "of HL7 v2: messages that were not touched give what they gave",
    async () => {
      const feed = await writtenFeed({
        "feed.yaml": `feed: test\nformat: hl7v2\nencoding: detect\n${place}
tables:
  report: { file: "*", rows: OBR, columns: { id: { path: OBR-3.1, required: true }, title: { path: OBR-4.2 }, m: { path: "@message" }, g: { path: "@group" } } }
  result: { file: "*", rows: OBX, columns: { item: { path: OBX-3.1, required: true }, value: { path: OBX-5.1 }, m: { path: "@message" }, g: { path: "@group" } } }
`,
        "report.yaml": report.replace("JOIN", "[m, g]"),
      });
      const pieces = ids.map((id) =>
        Buffer.from(
          [
            `MSH|^~\\&|LIS|X|H|L|20261120||ORU^R01|${id}|P|2.3.1||||||UNICODE UTF-8`,
            `PID|1||${id}^^^CHIS^PI`,
            `OBR|1|S|${id}|SH^标题`,
            `OBX|1|ST|${id}-p^肌酐||1.50|a`,
            `OBX|2|ST|${id}-q^肌酐||阴性`,
            "",
          ].join("\r"),
        ),
      );
      const sheets = (await mapFiles(feed, [fileOf("m.hl7", Buffer.concat(pieces))])).sheets.map(contentOf);
      expect(sheets).toHaveLength(ids.length);
      await tryAll(
        feed,
        (draw) => {
          const mutated = mutate(pieces, draw);
          return { mutated, exported: [fileOf("m.hl7", mutated.bytes)] };
        },
        (trial) => {
          const { touched, kind } = trial.mutated;
          // A message ends where the next one begins: when that beginning is broken, what follows is taken for a part of this one.
          const untouched = sheets.filter((_sheet, at) => !touched.has(at) && !touched.has(at + 1));
          expectSheets(trial, untouched, kind.includes("cut-off"));
          expectSheets(
            trial,
            sheets.filter((_sheet, at) => !touched.has(at)),
            true,
          );
        },
      );
    },
    timeoutMs,
  );

  it(
    "of XML: one that is not well-formed is refused whole, one that is gives every row",
    async () => {
      const feed = await writtenFeed({
        "feed.yaml": `feed: test\nformat: xml\n${place}
tables:
  report: { file: "*", rows: "/list/report", columns: { id: { path: "@id" }, title: {} } }
`,
        "report.yaml": showing("report", ["id", "title"], ["id"]),
      });
      const pieces = [
        "<list>\n",
        ...ids.map((id) => `<report id="${id}"><title>标题 &amp; ${id}</title></report>\n`),
        "</list>\n",
      ];
      const bytes = pieces.map((piece) => Buffer.from(piece));
      await tryAll(
        feed,
        (draw) => {
          const mutated = mutate(bytes, draw);
          return { mutated, exported: [fileOf("a.xml", mutated.bytes)] };
        },
        (trial) => {
          const refused = trial.mapped.issues.some((issue) =>
            ["syntax", "truncated", "encoding", "binary", "header", "empty-file"].includes(issue.code),
          );
          const text = trial.mutated.bytes.toString("utf8");
          if (refused) expectRefusedWhole(trial);
          else expect(trial.mapped.report.rows.report?.read).toBe(text.match(/<report[\s/>]/g)?.length);
          const ended = text.match(/<\/report\s*>|\/>/g)?.length ?? 0;
          if (!text.trimEnd().endsWith(">") || count(text, "<report") !== ended) expect(refused).toBe(true);
        },
      );
    },
    timeoutMs,
  );

  it(
    "of xlsx: one that is damaged is refused whole or is what it was",
    async () => {
      const feed = await writtenFeed({
        "feed.yaml": `feed: test\nformat: xlsx\n${place}
tables:
  report: { file: "*", columns: { id: { required: true }, title: {} } }
`,
        "report.yaml": showing("report", ["id", "title"], ["id"]),
      });
      const parts = workbookParts([
        { name: "s", rows: [textRow(1, ["id", "title"]), ...ids.map((id, at) => textRow(2 + at, [id, "标题"]))].join("") },
      ]);
      const whole = zipOf(parts);
      const sheets = (await mapFiles(feed, [fileOf("a.xlsx", whole)])).sheets.map(contentOf);
      expect(sheets).toHaveLength(ids.length);
      const sheet = "xl/worksheets/sheet0.xml";
      let inPart = false;
      await tryAll(
        feed,
        (draw) => {
          inPart = draw(2) === 0;
          const mutated = mutate([inPart ? Buffer.from(parts[sheet] ?? "") : whole], draw);
          const bytes = inPart ? zipOf({ ...parts, [sheet]: mutated.bytes }) : mutated.bytes;
          return { mutated, exported: [fileOf("a.xlsx", bytes)] };
        },
        (trial) => {
          const found = trial.mapped.sheets.map(contentOf);
          if (!inPart && found.length > 0) expect(found).toEqual(sheets);
          if (found.length === 0 && trial.mapped.report.rows.report?.read === 0) expectRefusedWhole(trial);
        },
      );
    },
    timeoutMs,
  );
});

/** Whether the last piece is broken in a way that may look like a file that was cut off. */
function isEnd({ mutated }: Trial, pieces: readonly Buffer[]): boolean {
  return mutated.touched.has(pieces.length - 1) && !mutated.bytes.subarray(-1).equals(Buffer.from("\n"));
}

function parsed(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
