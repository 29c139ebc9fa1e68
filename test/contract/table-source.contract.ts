import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { TableConnection, TableSource, TableWindow } from "../../src/ingest/table-source.ts";

/** One kind of database and how its own dialect makes the table of the contract. */
export interface TableSourceCase {
  readonly create: (connection: TableConnection) => TableSource;
  /** Starts or connects to a server; `run` executes statements as the hospital's own system would. */
  start(): Promise<{
    readonly connection: TableConnection;
    run(...statements: readonly string[]): Promise<void>;
    /** Ends every session as a restart of the server does. */
    cut?(): Promise<void>;
    stop(): Promise<void>;
  }>;
  /** Makes table `hutong_t`: number, long_text, amount decimal(20,6), taken date-and-time of 6 digits, day, note; amount, day and note may be NULL. */
  readonly createTable: readonly string[];
  readonly dropTable: string;
  /** A literal of a date and time, of a day, of text. */
  time(text: string): string;
  day(text: string): string;
  text(text: string): string;
  /** A query that takes longer than the statement time allowed, as a table. */
  readonly slow: string;
  /** A query with a side effect that a read-only session must refuse, where the dialect has one. */
  readonly sideEffect?: string;
  /** How the dialect spells column names when nobody quotes them. */
  readonly spelled: (name: string) => string;
}

const columns = ["id", "long_text", "amount", "taken", "day", "note"];
const chinese = "检验报告：“肌酐”偏高↑，𠮷野家；quote \" comma , 'single'\nsecond line\\n";

/** What every TableSource must hold, on a real server. */
export function describeTableSource(name: string, given: TableSourceCase): void {
  describe(`pulling tables from ${name}`, () => {
    let world: Awaited<ReturnType<TableSourceCase["start"]>>;
    let source: TableSource;
    const row = (id: number, taken: string, more: { amount?: string; day?: string; note?: string } = {}) =>
      `INSERT INTO hutong_t (id, long_text, amount, taken, day, note) VALUES (${id}, ${given.text(chinese)}, ${more.amount ?? "NULL"}, ${given.time(taken)}, ${more.day === undefined ? "NULL" : given.day(more.day)}, ${more.note === undefined ? "NULL" : given.text(more.note)})`;
    const window = (after: string, upTo: string, more: Partial<TableWindow> = {}): TableWindow => ({
      from: { table: "hutong_t" },
      column: "taken",
      kind: "time",
      after,
      upTo,
      ...more,
    });
    const read = async (wanted: TableWindow, from = source) => {
      const session = await from.open();
      try {
        const pages: (string | null)[][][] = [];
        let names: readonly string[] = [];
        for await (const page of session.rows(wanted)) {
          names = page.columns;
          pages.push(page.rows.map((one) => [...one]));
        }
        return { names, pages, rows: pages.flat() };
      } finally {
        await session.close();
      }
    };

    beforeAll(async () => {
      world = await given.start();
      source = given.create(world.connection);
      await world.run(given.dropTable).catch(() => undefined);
      await world.run(...given.createTable);
      await world.run(
        row(1, "2026-11-18 08:15:00.000000", { amount: "11.300000", day: "2026-11-18", note: "" }),
        row(2, "2026-11-18 08:15:00.123456", { amount: "12345678901234.123456" }),
        row(3, "2026-11-19 00:00:00.000000", { amount: "-0.000001", day: "1949-10-01", note: "-" }),
      );
    }, 120_000);
    afterAll(async () => {
      await world?.run(given.dropTable).catch(() => undefined);
      await world?.stop();
    });

    it("gives every value as exact text: digits, times, NULL, and Chinese beyond the basic plane", async () => {
      const { names, rows } = await read(window("2026-11-18 00:00:00", "2026-11-30 00:00:00"));
      expect(names).toEqual(columns.map(given.spelled));
      expect(rows.map(([id]) => id)).toEqual(["1", "2", "3"]);
      expect(rows.map(([, text]) => text)).toEqual([chinese, chinese, chinese]);
      expect(rows.map(([, , amount]) => Number(amount) === 0 || amount)).toEqual([
        expect.stringMatching(/^11\.30*$/),
        "12345678901234.123456",
        expect.stringMatching(/^-0?\.000001$/),
      ]);
      expect(rows.map(([, , , taken]) => taken?.replace(/\.0+$/, ""))).toEqual([
        "2026-11-18 08:15:00",
        "2026-11-18 08:15:00.123456",
        "2026-11-19 00:00:00",
      ]);
      expect(rows.map(([, , , , day]) => day?.slice(0, 10) ?? null)).toEqual(["2026-11-18", null, "1949-10-01"]);
      // Oracle knows no empty text: it is NULL there.
      expect(rows.map(([, , , , , note]) => note || null)).toEqual([null, null, "-"]);
    });

    it.each([
      ["both ends belong to the window", "2026-11-18 08:15:00.000000", "2026-11-18 08:15:00.123456", ["1", "2"]],
      ["microseconds count", "2026-11-18 08:15:00.000001", "2026-11-18 08:15:00.123455", []],
      ["an empty window still names the columns", "2030-01-01 00:00:00", "2031-01-01 00:00:00", []],
    ])("reads a window of time: %s", async (_, after, upTo, ids) => {
      const { names, rows } = await read(window(after, upTo));
      expect(rows.map(([id]) => id)).toEqual(ids);
      expect(names).toHaveLength(columns.length);
    });

    it("reads a window of numbers, and tells the largest", async () => {
      const { rows } = await read(window("2", "3", { column: "id", kind: "number" }));
      expect(rows.map(([id]) => id)).toEqual(["2", "3"]);
      const session = await source.open();
      expect(await session.largest({ table: "hutong_t" }, "id")).toBe("3");
      expect(await session.largest({ query: "SELECT * FROM hutong_t WHERE id > 100" }, "id")).toBeUndefined();
      await session.close();
    });

    it("reads a query as a table, so that rows can follow the time of their head", async () => {
      const query = "SELECT a.id, b.taken AS head_taken FROM hutong_t a JOIN hutong_t b ON b.id = 3 WHERE a.id < 3";
      const { names, rows } = await read(
        window("2026-11-19 00:00:00", "2026-11-19 00:00:00", { from: { query }, column: "head_taken" }),
      );
      expect(names).toEqual(["id", "head_taken"].map(given.spelled));
      expect(rows.map(([id]) => id).sort()).toEqual(["1", "2"]);
    });

    it("reads in pages, none larger than asked, nothing lost between them, also when nobody reads on", async () => {
      for (let from = 1000; from < 1350; from += 50)
        await world.run(...Array.from({ length: 50 }, (_, n) => row(from + n, "2026-12-01 10:00:00")));
      const wanted = window("2026-12-01 00:00:00", "2026-12-02 00:00:00");
      const { pages, rows } = await read(wanted);
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(100);
      expect(new Set(rows.map(([id]) => id)).size).toBe(350);
      const session = await source.open();
      for await (const page of session.rows(wanted)) {
        expect(page.rows).toHaveLength(100);
        break;
      }
      await session.close();
    });

    it("reads several windows in one session, also after one that had no row and was not read on", async () => {
      const session = await source.open();
      for (const after of ["2030-01-01 00:00:00", "2026-11-18 00:00:00", "2030-01-01 00:00:00", "2026-11-19 00:00:00"]) {
        const rows: unknown[] = [];
        for await (const page of session.rows(window(after, "2031-01-01 00:00:00"))) {
          rows.push(...page.rows);
          if (page.rows.length === 0) break;
        }
        expect(rows.length > 0).toBe(after < "2030");
      }
      await session.close();
    });

    it("tells the database's own local time", async () => {
      const session = await source.open();
      const clock = await session.clock();
      await session.close();
      expect(clock).toMatch(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{6}$/);
    });

    it("can change nothing", async () => {
      await expect(
        read(window("2026-11-18 00:00:00", "2026-11-30 00:00:00", { from: { query: "DELETE FROM hutong_t" } })),
      ).rejects.toMatchObject({ code: "tables-down" });
      if (given.sideEffect !== undefined) {
        const query = given.sideEffect;
        await expect(read(window("0", "9", { from: { query }, column: "x", kind: "number" }))).rejects.toMatchObject({
          code: "tables-down",
        });
      }
      expect((await read(window("1", "3", { column: "id", kind: "number" }))).rows).toHaveLength(3);
    });

    it("tells by a code, never by a value, what the database refuses", async () => {
      const wrong = async (more: Partial<TableConnection>) => {
        const session = await given.create({ ...world.connection, ...more }).open();
        await session.close();
      };
      await expect(wrong({ password: "wrong" })).rejects.toMatchObject({
        code: "tables-down",
        message: expect.not.stringMatching(/password/),
      });
      await expect(wrong({ port: 1 })).rejects.toMatchObject({
        code: "tables-down",
        message: expect.stringContaining("ECONNREFUSED"),
      });
      await expect(read(window("2026-01-01", "2027-01-01", { from: { table: "no_such_table" } }))).rejects.toMatchObject({
        code: "tables-down",
        message: expect.not.stringContaining("no_such_table"),
      });
    });

    it("that loses its connection between two statements says so", async () => {
      const session = await source.open();
      await session.clock();
      await world.cut?.();
      const read = async () => {
        for await (const _ of session.rows(window("2026-11-18 00:00:00", "2026-11-30 00:00:00")));
      };
      if (world.cut !== undefined) await expect(read()).rejects.toMatchObject({ code: "tables-down" });
      await session.close();
      expect((await source.open().then((again) => again.close().then(() => "open"))).length).toBeGreaterThan(0);
    });

    it("does not wait longer than a statement may take", async () => {
      const quick = given.create({ ...world.connection, statementMs: 300 });
      const began = Date.now();
      await expect(
        read(window("0", "9", { from: { query: given.slow }, column: "x", kind: "number" }), quick),
      ).rejects.toMatchObject({ code: "tables-down" });
      expect(Date.now() - began).toBeLessThan(5_000);
    });
  });
}
