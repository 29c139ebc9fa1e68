/**
 * `node scripts/run.js scripts/front-database.ts FEED DIALECT`: prints the SQL that makes the tables of a 前置库, into which the vendor writes and from which
 * the feed is pulled (docs/channels.md). DIALECT: postgresql, mysql (MariaDB too), mssql, oracle.
 */
import { join } from "node:path";
import { compileFeed } from "../src/mapping/compile-feed.ts";
import { frontDialects, frontTables } from "./front-database/ddl.ts";

const [feed = "", given] = process.argv.slice(2);
const dialect = frontDialects.find((one) => one === given);
if (dialect === undefined) {
  console.error(`usage: front-database FEED ${frontDialects.join("|")}`);
  process.exit(1);
}
const compiled = await compileFeed(join("mappings", feed));
if (compiled.kind === "wrong") {
  for (const { file, line, reason } of compiled.problems) console.error(`${file}:${line}: ${reason}`);
  process.exit(1);
}
const between = dialect === "mssql" ? "\nGO\n" : dialect === "oracle" ? "\n/\n" : ";\n";
console.log(
  frontTables(compiled.feed, dialect)
    .map((statement) => `${statement}${between}`)
    .join("\n"),
);
