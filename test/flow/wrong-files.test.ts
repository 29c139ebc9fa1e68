import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { aColumns } from "../../scripts/sample/a-columns.ts";
import type { SampleFile } from "../../scripts/sample/events.ts";
import { csvText, gb18030, type Row } from "../../scripts/sample/export-files.ts";
import { labExportOfA, labExportOfB } from "../../scripts/sample/fresh.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import { type ExportIssue, flowWorld, type World } from "../platform.ts";
import { rewritten, rowsOf, textOf } from "./reshape.ts";

let world: World;
beforeAll(() => {
  world = flowWorld();
});
afterAll(() => world.close());

const at = later(new Date(), -3 * dayMs);

/** A's export of a fresh resident with one of its files replaced. */
function withFile(table: keyof typeof aColumns, change: (file: SampleFile) => Buffer) {
  const made = labExportOfA(freshResident(), [{ item: "CREA", value: "86" }], at);
  return { ...made, files: made.files.map((file) => (file.name.startsWith(table) ? { ...file, bytes: change(file) } : file)) };
}

const cases: {
  said: string;
  code: string;
  reason: RegExp;
  line?: number;
  field?: string;
  change(file: SampleFile): Buffer;
}[] = [
  {
    said: "is an old workbook",
    code: "binary",
    reason: /no text/,
    line: 1,
    change: () => Buffer.from("d0cf11e0a1b11ae10000000000000000", "hex"),
  },
  {
    said: "is a damaged archive",
    code: "archive",
    reason: /damaged/,
    change: () => Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 8]),
  },
  { said: "is empty", code: "empty-file", reason: /empty/, change: () => Buffer.alloc(0) },
  {
    said: "lacks a column",
    code: "header",
    reason: /XM/,
    line: 1,
    change: (file) => {
      const columns = aColumns.TB_YL_PATIENT_INFORMATION.filter((column) => column !== "XM");
      return gb18030(csvText(columns, rowsOf(file)));
    },
  },
  {
    said: "has another table's columns",
    code: "header",
    reason: /./,
    line: 1,
    change: () => gb18030(csvText(aColumns.TB_RIS_REPORT, [{}])),
  },
  {
    said: "ends in the middle of a row",
    code: "truncated",
    reason: /./,
    line: 2,
    change: (file) => file.bytes.subarray(0, file.bytes.length - 9),
  },
];

describe("a wrong file among good ones", () => {
  it.each(cases)("that $said is one clear issue; the other files go on", async ({ code, reason, line, field, change }) => {
    const made = withFile("TB_YL_PATIENT_INFORMATION", change);
    const { state, issues } = await world.deliver(made);
    expect(state.status).toBe("completed");
    const mine = issues.filter((issue) => issue.severity === "error" && issue.file.startsWith("TB_YL_PATIENT_INFORMATION"));
    expect(mine).toEqual([
      expect.objectContaining({
        code,
        reason: expect.stringMatching(reason),
        ...(line === undefined ? {} : { line }),
        ...(field === undefined ? {} : { field }),
      }),
    ]);
    // The report and its row are stored all the same, under a stub of the patient.
    expect(state.report?.rows).toMatchObject({ report: { mapped: 1 }, result: { mapped: 1 } });
    expect(state.counts).toMatchObject({ stubs: 1 });
  });

  it("that says by its mark that it is UTF-16 is read as that", async () => {
    const utf16 = (file: SampleFile) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(textOf(file), "utf16le")]);
    const { state, issues } = await world.deliver(withFile("TB_YL_PATIENT_INFORMATION", utf16));
    expect(issues.filter((issue) => issue.severity === "error")).toEqual([]);
    expect(state.report?.rows).toMatchObject({ patient: { mapped: 1 }, report: { mapped: 1 } });
  });

  it("whose name no table has is one issue", async () => {
    const made = labExportOfA(freshResident(), [{ item: "CREA", value: "86" }], at);
    const files = [...made.files, { name: "Thumbs.db", bytes: Buffer.from("x") }];
    const { state, issues } = await world.deliver({ feed: "a-tb", files });
    expect(issues).toEqual([expect.objectContaining({ code: "unknown-file", file: "Thumbs.db" })]);
    expect(state.report?.rows).toMatchObject({ report: { mapped: 1 }, patient: { mapped: 1 } });
  });

  it("that is JSON cut in the middle is one issue with its line", async () => {
    const made = labExportOfB(freshResident(), [{ item: "CREA", value: "86" }], at);
    const [file] = made.files;
    const cut = { name: file?.name ?? "", bytes: (file?.bytes ?? Buffer.alloc(0)).subarray(0, 700) };
    const { state, issues } = await world.deliver({ feed: "b-snake", files: [cut] });
    expect(state.status).toBe("completed");
    expect(issues.filter((issue) => issue.severity === "error")).toEqual([
      expect.objectContaining({ file: file?.name, line: expect.any(Number), reason: expect.any(String) }),
    ]);
  });

  it("that is in another encoding than the feed declares is one issue that names both", async () => {
    const made = labExportOfB(freshResident(), [{ item: "CREA", value: "86" }], at);
    const files = made.files.map((file) => ({ ...file, bytes: gb18030(textOf(file)) }));
    const { state, issues } = await world.deliver({ feed: "b-snake", files });
    expect(state.status).toBe("completed");
    expect(issues).toContainEqual(
      expect.objectContaining({
        severity: "error",
        code: "encoding",
        line: expect.any(Number),
        reason: expect.stringContaining("utf-8"),
      }),
    );
  });

  it("of results holds its report back until the export comes whole: half a sheet would mislead", async () => {
    const made = withFile("TB_LIS_INDICATORS", (file) => Buffer.concat([file.bytes, Buffer.from([0])]));
    const { state, issues } = await world.deliver(made);
    expect(issues.map((issue) => issue.code).sort()).toEqual(["companion-failed", "companion-failed", "truncated"]);
    expect(state.report?.rows).toMatchObject({ patient: { mapped: 1 }, report: { mapped: 0 } });
  });
});

describe("a wrong row among good ones", () => {
  const rows: { said: string; table: keyof typeof aColumns; change(row: Row): Row; issue: Partial<ExportIssue> }[] = [
    {
      said: "of an institution nobody registered",
      table: "TB_LIS_REPORT",
      change: (row) => ({ ...row, YLJGYQDM: "0009" }),
      issue: { severity: "error", code: "unknown-institution", line: 2 },
    },
    {
      said: "with a time that does not exist",
      table: "TB_LIS_REPORT",
      change: (row) => ({ ...row, CJSJ: "2026-13-45 08:00:00" }),
      issue: { code: "bad-value", line: 2, field: "CJSJ" },
    },
    {
      said: "without its institution",
      table: "TB_HIS_MZ_REG",
      change: (row) => ({ ...row, YLJGYQDM: "-" }),
      issue: { severity: "error", code: "missing-value", line: 2, field: "YLJGYQDM" },
    },
    {
      said: "with a state in no table",
      table: "TB_LIS_REPORT",
      change: (row) => ({ ...row, XGBZ: "7" }),
      issue: { severity: "error", line: 2 },
    },
  ];

  it.each(rows)("$said is an issue with file, line and reason; nothing else is lost", async ({ table, change, issue }) => {
    const { state, issues } = await world.deliver(
      rewritten(labExportOfA(freshResident(), [{ item: "CREA", value: "86" }], at), table, change),
    );
    expect(state.status).toBe("completed");
    expect(issues).toContainEqual(expect.objectContaining({ ...issue, file: expect.stringContaining(table) }));
    for (const one of issues) expect(one.reason.length).toBeGreaterThan(10);
    expect(state.report?.rows).toMatchObject({ patient: { read: 1, mapped: 1 } });
  });
});

describe("a delivery at the door", () => {
  const post = (path: string, init: { body?: Buffer; headers?: Record<string, string> }) =>
    world.signIn.client("a-his", "exports").then((token) =>
      fetch(`${world.platform.api}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, ...init.headers },
        body: init.body === undefined ? null : new Uint8Array(init.body),
      }),
    );

  it.each([
    ["to a feed nobody has", "/exports/no-such-feed?file=a.csv", 403],
    ["without a file", "/exports/a-tb", 415],
    ["with a folder in the file's name", "/exports/a-tb?file=..%2Fa.csv", 400],
  ])("%s is refused at once", async (_, path, status) => {
    const answer = await post(path, { body: Buffer.from("x"), headers: { "content-type": "text/csv" } });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ status, code: expect.any(String) });
  });

  it("of one raw body is taken; its key makes a repeat the same export, and other content a conflict", async () => {
    const [file] = labExportOfA(freshResident(), [{ item: "CREA", value: "86" }], at).files;
    const key = { "Idempotency-Key": `raw-${Math.random()}`, "content-type": "application/octet-stream" };
    const send = async (body: Buffer) => {
      const answer = await post(`/exports/a-tb?file=${file?.name}`, { body, headers: key });
      return { status: answer.status, body: (await answer.json()) as { id: string } };
    };
    const [one, same] = [await send(file?.bytes ?? Buffer.alloc(0)), await send(file?.bytes ?? Buffer.alloc(0))];
    expect([one.status, same.status]).toEqual([202, 202]);
    expect(same.body.id).toBe(one.body.id);
    expect((await send(Buffer.from("other"))).status).toBe(409);
  });

  it("is followed by who delivered it and by nobody else", async () => {
    const { id } = await world.deliver(labExportOfA(freshResident(), [{ item: "CREA", value: "86" }], at));
    for (const path of [`/exports/${id}`, `/exports/${id}/issues`]) {
      expect((await world.as("b-platform", "exports", { method: "GET", path })).status).toBe(404);
      expect((await world.as("operator", "operate", { method: "GET", path })).status).toBe(200);
    }
  });
});
