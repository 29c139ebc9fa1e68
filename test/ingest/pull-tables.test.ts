import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Delivery } from "../../src/ingest/accept-export.ts";
import { readPull } from "../../src/ingest/pull-file.ts";
import { readPullState } from "../../src/ingest/pull-state.ts";
import { type PullDeps, pullTables } from "../../src/ingest/pull-tables.ts";
import type { PulledFeed } from "../../src/ingest/pulled-files.ts";
import type { TablePage, TableSource, TableWindow } from "../../src/ingest/table-source.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";

const suite = createCryptoSuite({ ids: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });
const yaml = `
feed: county-a
source: postgresql
connection: { host: db, database: front, user: hutong }
every: 10m
overlap: 30m
start: 2026-11-01
span: 30d
tables:
  report: { from: TB_LIS_REPORT, watermark: changed_at }
`;
const pull = readPull("county-a.yaml", yaml);

const headers = [["YLJGYQDM"], ["BGDH"], ["备注"]];
const feed: PulledFeed = {
  name: "county-a",
  format: "csv",
  encodings: ["utf-8", "gb18030"],
  delimiter: ",",
  tables: new Map([["report", { filePattern: "REPORT_*.csv", columns: headers.map((one) => ({ headers: one })) }]]),
};

/** Rows of one table as the hospital holds them, and everything that was asked of it. */
interface Hospital {
  clock: string;
  rows: { at: string; cells: (string | null)[] }[];
  readonly windows: TableWindow[];
  failing?: "open" | "half-way";
}
let hospital: Hospital;
let store: MemoryStore;
let nowMs: number;
let landed: { name: string; text: string }[][];
let failing: Fault | undefined;
const columns = ["yljgyqdm", "BGDH", "note", "changed_at"];

const source: TableSource = {
  async open() {
    if (hospital.failing === "open") throw new Fault("tables-down");
    return {
      clock: async () => hospital.clock,
      largest: async () =>
        hospital.rows
          .map(({ at }) => at)
          .sort((a, b) => Number(a) - Number(b))
          .at(-1),
      async *rows(window): AsyncGenerator<TablePage> {
        hospital.windows.push(window);
        const inside = (at: string) =>
          window.kind === "time"
            ? at >= window.after && at <= window.upTo
            : Number(at) >= Number(window.after) && Number(at) <= Number(window.upTo);
        const rows = hospital.rows.filter(({ at }) => inside(at)).map(({ at, cells }) => [...cells, at]);
        for (let from = 0; from === 0 || from < rows.length; from += 2) {
          if (hospital.failing === "half-way" && from > 0) throw new Fault("tables-down");
          yield { columns, rows: rows.slice(from, from + 2) };
        }
      },
      close: async () => {},
    };
  },
};
async function accept(delivery: Delivery) {
  const files: { name: string; text: string }[] = [];
  for await (const { name, content } of delivery.files) {
    const parts: Uint8Array[] = [];
    for await (const part of content) parts.push(part);
    files.push({ name, text: Buffer.concat(parts).toString("utf8") });
  }
  if (failing !== undefined) throw failing;
  if (files.length === 0) return { kind: "wrong" as const, problems: [{ field: "files", reason: "there is none" }] };
  landed.push(files);
  return { kind: "accepted" as const, id: `h${landed.length}` as never };
}
const deps = (): PullDeps => ({
  store,
  suite,
  now: () => new Date(nowMs),
  source,
  feed: () => feed,
  client: "a-his",
  accept,
  leaseMs: 60_000,
});
const watermark = async () => (await readPullState({ store, suite }, "county-a"))?.watermarks.report;
const minutes = (count: number) => {
  nowMs += count * 60_000;
};

beforeEach(() => {
  hospital = { clock: "2026-11-20 10:00:00.000000", rows: [], windows: [] };
  store = createMemoryStore();
  nowMs = Date.parse("2026-11-20T02:00:00Z");
  landed = [];
  failing = undefined;
});
const row = (at: string, number: string, note: string | null = null) => ({ at, cells: ["0001", number, note] });

describe("pulling a feed's tables", () => {
  it("lands the rows since the watermark as a file of the feed, exactly, and moves on to the database's own time", async () => {
    hospital.rows = [
      row("2026-11-19 08:00:00", "R1", 'a "b", c\r\nd'),
      row("2026-11-20 09:00:00", "R2"),
      row("2026-11-20 09:30:00", "R3", ""),
    ];
    expect(await pullTables(deps(), pull)).toEqual({ kind: "pulled", rows: 3, export: "h1" });
    const [[file] = []] = landed;
    expect(file?.name).toBe("REPORT_pull.csv");
    expect(file?.text).toBe(
      `\ufeffYLJGYQDM,BGDH,note,changed_at\r\n0001,R1,"a ""b"", c\r\nd",2026-11-19 08:00:00\r\n0001,R2,,2026-11-20 09:00:00\r\n0001,R3,,2026-11-20 09:30:00\r\n`,
    );
    expect(hospital.windows[0]).toMatchObject({ after: "2026-10-31 23:30:00.000000", upTo: "2026-11-20 10:00:00.000000" });
    expect(await watermark()).toBe("2026-11-20 10:00:00.000000");
  });

  it("is done when it is due and not before, and reads the overlap again", async () => {
    await pullTables(deps(), pull);
    minutes(9);
    expect(await pullTables(deps(), pull)).toEqual({ kind: "not-due" });
    minutes(2);
    hospital.clock = "2026-11-20 10:11:00.000000";
    // Its transaction began before the last pull and ended after it.
    hospital.rows = [row("2026-11-20 09:59:00", "late")];
    expect(await pullTables(deps(), pull)).toMatchObject({ kind: "pulled", rows: 1 });
    expect(hospital.windows.at(-1)?.after).toBe("2026-11-20 09:30:00.000000");
  });

  it("without rows is no export, but the watermark moves", async () => {
    expect(await pullTables(deps(), pull)).toEqual({ kind: "pulled", rows: 0 });
    expect(landed).toEqual([]);
    expect(await watermark()).toBe("2026-11-20 10:00:00.000000");
  });

  it.each([
    ["the Task cannot be stored", () => (failing = new Fault("store-down")), "store-down"],
    ["the disk fails", () => (failing = new Fault("landing-failed")), "landing-failed"],
    ["the database is away", () => (hospital.failing = "open"), "tables-down"],
    ["the database breaks off half-way", () => (hospital.failing = "half-way"), "tables-down"],
  ])("does not move the watermark when %s; the next try reads the same", async (_, breakIt, code) => {
    hospital.rows = [1, 2, 3].map((n) => row("2026-11-20 09:00:00", `R${n}`));
    breakIt();
    expect(await pullTables(deps(), pull)).toMatchObject({ kind: "failed", code });
    expect(landed).toEqual([]);
    expect(await watermark()).toBeUndefined();
    expect(await readPullState({ store, suite }, "county-a")).toMatchObject({ failures: 1, failed: code });
    failing = undefined;
    delete hospital.failing;
    minutes(1);
    expect(await pullTables(deps(), pull)).toMatchObject({ kind: "pulled", rows: 3 });
    expect(await readPullState({ store, suite }, "county-a")).toMatchObject({ failures: 0 });
  });

  it("that dies after the Task was stored reads the same rows again once its lease has ended", async () => {
    hospital.rows = [row("2026-11-20 09:00:00", "R1")];
    const stored = Promise.withResolvers<void>();
    const dying = async (delivery: Delivery) => {
      await accept(delivery);
      stored.resolve();
      return new Promise<never>(() => {});
    };
    void pullTables({ ...deps(), accept: dying }, pull);
    await stored.promise;
    expect(await pullTables(deps(), pull)).toEqual({ kind: "not-due" });
    minutes(1.1);
    expect(await pullTables(deps(), pull)).toMatchObject({ kind: "pulled", rows: 1 });
    expect(landed[1]).toEqual(landed[0]);
  });

  it("by two processes at once is done by one", async () => {
    const kinds = (await Promise.all([1, 2, 3].map(() => pullTables(deps(), pull)))).map(({ kind }) => kind).sort();
    expect(kinds).toEqual(["not-due", "not-due", "pulled"]);
  });

  it("leaves rows dated in the future for the day they are due, and never goes back with the clock", async () => {
    hospital.rows = [row("2027-01-01 00:00:00", "future")];
    expect(await pullTables(deps(), pull)).toMatchObject({ rows: 0 });
    hospital.clock = "2026-11-19 00:00:00.000000";
    minutes(11);
    await pullTables(deps(), pull);
    expect(await watermark()).toBe("2026-11-20 10:00:00.000000");
  });

  it("of years comes in pieces, one right after the other", async () => {
    const old = readPull("county-a.yaml", yaml.replace("2026-11-01", "2026-08-01 00:00:00"));
    hospital.rows = [row("2026-08-02 00:00:00", "old"), row("2026-11-20 00:00:00", "new")];
    const rows: number[] = [];
    for (let at = 0; at < 4; at++) {
      const pulled = await pullTables(deps(), old);
      rows.push(pulled.kind === "pulled" ? pulled.rows : -1);
    }
    expect(rows).toEqual([1, 0, 0, 1]);
    expect(await pullTables(deps(), old)).toEqual({ kind: "not-due" });
  });

  it("by a number counts up, with an overlap, to the largest there is", async () => {
    const counted = readPull(
      "county-a.yaml",
      yaml.replace("watermark: changed_at", "watermark: changed_at, kind: number, overlap: 10"),
    );
    hospital.rows = [row("995", "R1"), row("1000", "R2")];
    expect(await pullTables(deps(), counted)).toMatchObject({ rows: 2 });
    expect(await watermark()).toBe("1000");
    minutes(11);
    hospital.rows.push(row("989", "too late"), row("990", "late"), row("1001", "R3"));
    expect(await pullTables(deps(), counted)).toMatchObject({ rows: 4 });
    expect(await watermark()).toBe("1001");
  });

  it("can leave columns out that only carry the watermark", async () => {
    const without = readPull(
      "county-a.yaml",
      yaml.replace("watermark: changed_at", "watermark: changed_at, leave_out: [CHANGED_AT]"),
    );
    hospital.rows = [row("2026-11-20 09:00:00", "R1", "n")];
    await pullTables(deps(), without);
    expect(
      landed[0]?.[0]?.text
        .split("\r\n")
        .slice(0, 2)
        .map((line) => line.split(",").length),
    ).toEqual([3, 3]);
  });
});

describe("a pull's YAML", () => {
  it.each([
    ["tables: {}", /tables: needs a table/],
    ["every: often", /every: must be like 30s/],
    ["connection: { host: db, database: d, user: u, password: x }", /password/],
    ['tables: { report: { from: "a; DROP TABLE b", watermark: w } }', /must be \[schema.\]table/],
    ['tables: { report: { from: a, watermark: "w OR 1=1" } }', /must be a plain name/],
    ["tables: { report: { watermark: w } }", /needs either from or query/],
  ])("with `%s` is refused with the place and the reason", (line, reason) => {
    const key = line.slice(0, line.indexOf(":"));
    const changed =
      key === "tables" ? yaml.slice(0, yaml.indexOf("tables:")) : yaml.replace(new RegExp(`^${key}:.*$`, "m"), "");
    expect(() => readPull("x.yaml", `${changed}\n${line}\n`)).toThrow(reason);
  });
});
