import type { Feed } from "../../src/mapping/compile-feed.ts";

/** How a database spells what the tables of a 前置库 need. */
interface Dialect {
  readonly types: Readonly<Record<"code" | "text" | "day" | "time", string>>;
  readonly changed: string;
  /** Statements that keep `HT_CHANGED` true when a row is updated. */
  onUpdate(table: string): readonly string[];
}

const dialects: Readonly<Record<"postgresql" | "mysql" | "mssql" | "oracle", Dialect>> = {
  postgresql: {
    types: { code: "varchar(64)", text: "text", day: "date", time: "timestamp(0)" },
    changed: "timestamptz(6) NOT NULL DEFAULT clock_timestamp()",
    onUpdate: (table) => [
      `CREATE FUNCTION ht_${table}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.HT_CHANGED = clock_timestamp(); RETURN NEW; END'`,
      `CREATE TRIGGER ht_${table} BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ht_${table}()`,
    ],
  },
  mysql: {
    types: { code: "varchar(64)", text: "text", day: "date", time: "datetime" },
    changed: "timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
    onUpdate: () => [],
  },
  mssql: {
    types: { code: "nvarchar(64)", text: "nvarchar(max)", day: "date", time: "datetime2(0)" },
    changed: "datetime2(6) NOT NULL DEFAULT SYSDATETIME()",
    onUpdate: (table) => [
      `CREATE TRIGGER HT_${table} ON ${table} AFTER UPDATE AS UPDATE t SET HT_CHANGED = SYSDATETIME() FROM ${table} t JOIN inserted i ON i.HT_ID = t.HT_ID`,
    ],
  },
  oracle: {
    types: { code: "VARCHAR2(64 CHAR)", text: "VARCHAR2(2000 CHAR)", day: "DATE", time: "TIMESTAMP(0)" },
    changed: "TIMESTAMP(6) DEFAULT SYSTIMESTAMP NOT NULL",
    onUpdate: (table) => [
      `CREATE TRIGGER HT_${table} BEFORE UPDATE ON ${table} FOR EACH ROW BEGIN :NEW.HT_CHANGED := SYSTIMESTAMP; END;`,
    ],
  },
};

export type FrontDialect = keyof typeof dialects;
export const frontDialects = Object.keys(dialects) as FrontDialect[];

/**
 * The tables of a 前置库 for a feed, as statements: one table for each of the feed's, its columns under the headings the feed reads, and HT_CHANGED, which the
 * database itself keeps, with an index, as the watermark of the pull. Codes and numbers are text, so that `11.30` stays what the vendor wrote.
 */
export function frontTables(feed: Pick<Feed, "tables">, dialect: FrontDialect): string[] {
  const { types, changed, onUpdate } = dialects[dialect];
  return [...feed.tables.values()].flatMap(({ filePattern, columns }) => {
    const table = tableName(filePattern);
    const lines = columns.map(({ headers, name, type }) => {
      const kind =
        type === "local_time" ? "time" : type === "date" || type === "date8" ? "day" : type === "text" ? "text" : "code";
      return `  ${headers[0] ?? name} ${types[kind]}`;
    });
    const id = dialect === "mssql" ? ["  HT_ID bigint IDENTITY PRIMARY KEY"] : [];
    return [
      `CREATE TABLE ${table} (\n${[...lines, ...id, `  HT_CHANGED ${changed}`].join(",\n")}\n)`,
      `CREATE INDEX HT_${table}_CHANGED ON ${table} (HT_CHANGED)`,
      ...onUpdate(table),
    ];
  });
}

/** `TB_LIS_REPORT_*.csv` is table TB_LIS_REPORT. */
function tableName(filePattern: string): string {
  return filePattern
    .replace(/\.[a-z]+$/i, "")
    .replaceAll("*", "")
    .replace(/[_-]+$/, "");
}
