import { describe, it } from "@jest/globals";
import { createMssqlSource } from "../../src/adapters/tables/mssql.ts";
import { createMysqlSource } from "../../src/adapters/tables/mysql.ts";
import { createOracleSource } from "../../src/adapters/tables/oracle.ts";
import { createPostgresqlSource } from "../../src/adapters/tables/postgresql.ts";
import { mariadbOfHospital, mssqlAt, oracleAt, postgresqlOfHospital } from "../hospital-databases.ts";
import { describeTableSource, type TableSourceCase } from "./table-source.contract.ts";

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

describeTableSource("PostgreSQL", {
  create: createPostgresqlSource,
  start: postgresqlOfHospital,
  createTable: [
    "CREATE TABLE hutong_t (id bigint, long_text text, amount numeric(20,6), taken timestamp(6), day date, note varchar(20))",
    "CREATE SEQUENCE hutong_s",
  ],
  sideEffect: "SELECT nextval('hutong_s') AS x",
  dropTable: "DROP TABLE hutong_t",
  time: (text) => `timestamp '${text}'`,
  day: (text) => `date '${text}'`,
  text: quoted,
  slow: "SELECT 1 AS x, pg_sleep(20)",
  spelled: (name) => name,
});

describeTableSource("MariaDB", {
  create: createMysqlSource,
  start: mariadbOfHospital,
  createTable: [
    "CREATE TABLE hutong_t (id bigint, long_text text, amount decimal(20,6), taken datetime(6), day date, note varchar(20))",
    "CREATE SEQUENCE hutong_s",
  ],
  sideEffect: "SELECT nextval(hutong_s) AS x",
  dropTable: "DROP TABLE hutong_t",
  time: (text) => `'${text}'`,
  day: (text) => `'${text}'`,
  text: (text) => quoted(text.replaceAll("\\", "\\\\")),
  slow: "SELECT 1 AS x, SLEEP(20) AS y",
  spelled: (name) => name,
});

/** Runs where a server is given; else says how to give one. */
function describeAt(name: string, variable: string, given: (url: URL) => TableSourceCase): void {
  const url = process.env[variable];
  if (url !== undefined) describeTableSource(name, given(new URL(url)));
  else describe(`pulling tables from ${name}`, () => it.skip(`needs a server: set ${variable} (docs/channels.md)`, () => {}));
}

describeAt("SQL Server", "TEST_MSSQL_URL", (url) => ({
  create: createMssqlSource,
  start: () => mssqlAt(url),
  createTable: [
    "CREATE TABLE hutong_t (id bigint, long_text nvarchar(max), amount decimal(20,6), taken datetime2(6), day date, note nvarchar(20))",
  ],
  dropTable: "DROP TABLE hutong_t",
  time: (text) => `CONVERT(datetime2, '${text}', 121)`,
  day: (text) => `CONVERT(date, '${text}', 23)`,
  text: (text) => `N${quoted(text)}`,
  slow: "SELECT COUNT_BIG(*) AS x FROM sys.all_objects a, sys.all_objects b, sys.all_objects c",
  spelled: (name) => name,
}));

describeAt("Oracle", "TEST_ORACLE_URL", (url) => ({
  create: createOracleSource,
  start: () => oracleAt(url),
  createTable: [
    "CREATE TABLE hutong_t (id NUMBER(19), long_text VARCHAR2(2000 CHAR), amount NUMBER(20,6), taken TIMESTAMP(6), day DATE, note VARCHAR2(20 CHAR))",
  ],
  dropTable: "DROP TABLE hutong_t",
  time: (text) => `TO_TIMESTAMP('${text}', 'YYYY-MM-DD HH24:MI:SS.FF6')`,
  day: (text) => `TO_DATE('${text}', 'YYYY-MM-DD')`,
  text: quoted,
  slow: "SELECT COUNT(*) AS x FROM all_objects a, all_objects b, all_objects c",
  spelled: (name) => name.toUpperCase(),
}));
