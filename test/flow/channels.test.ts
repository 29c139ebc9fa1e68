import { readdirSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { expectStatus } from "../../scripts/client/call.ts";
import { finishedExport } from "../../scripts/client/deliver-export.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import { type FrontDialect, frontTables } from "../../scripts/front-database/ddl.ts";
import type { Server } from "../../scripts/platform/server.js";
import type { SampleExport, SampleFile } from "../../scripts/sample/events.ts";
import { labExportOfA } from "../../scripts/sample/fresh.ts";
import { freshResident } from "../../scripts/sample/people.ts";
import { dayMs, later } from "../../scripts/sample/time.ts";
import type { Tenant } from "../../src/kernel/brand.ts";
import { compileFeed } from "../../src/mapping/compile-feed.ts";
import { startChannels } from "../channels-role.ts";
import { type HospitalDatabase, mariadbOfHospital, postgresqlOfHospital } from "../hospital-databases.ts";
import { zipOf } from "../ingest/zip-file.ts";
import { flowWorld, versionsIn, type World } from "../platform.ts";
import { rowsOf } from "./reshape.ts";

let world: World;
beforeAll(() => {
  world = flowWorld();
});
afterAll(() => world.close());

const hospital = ["a-provincial"] as unknown as readonly Tenant[];
const made = (days = 3) => labExportOfA(freshResident(), [{ item: "CREA", value: "86" }], later(new Date(), -days * dayMs));
const numberOf = ({ files }: Pick<SampleExport, "files">) => {
  const file = files.find(({ name }) => name.startsWith("TB_LIS_REPORT"));
  return file === undefined ? "" : (rowsOf(file)[0]?.BGDH ?? "");
};
const reportsOf = (number: string) =>
  world.store.searchAll("a-provincial" as Tenant, "DiagnosticReport", {
    identifier: `urn:hutong:a-provincial:lab-report|${number}`,
  });
const readable = async (number: string) => {
  const reports = await waitFor(
    "the report",
    () => reportsOf(number),
    (found) => found.length > 0,
  );
  expect(reports).toHaveLength(1);
  expect(reports[0]?.status).toBe("final");
};

describe("an export sent packed", () => {
  const zipped = ({ files }: Pick<SampleExport, "files">) =>
    zipOf(files.map(({ name, bytes }) => ({ name: `夜间/${name}`, bytes })));

  it("as one zip is mapped as its files are, and sent again brings nothing new", async () => {
    const one = made();
    const packed = { feed: one.feed, files: [{ name: "night.zip", bytes: zipped(one) }] };
    const first = await world.deliver(packed);
    expect(first.issues).toEqual([]);
    expect(first.state.report?.rows).toMatchObject({ patient: { mapped: 1 }, report: { mapped: 1 }, result: { mapped: 1 } });
    await readable(numberOf(one));
    const before = await versionsIn(world.store, hospital);
    expect((await world.deliver(packed)).state.status).toBe("completed");
    expect((await world.deliver({ feed: one.feed, files: one.files })).state.status).toBe("completed");
    expect(await versionsIn(world.store, hospital)).toEqual(before);
  });

  it("with each file gzipped is mapped; a damaged archive among them is one issue, and the other files go on", async () => {
    const one = made();
    const files: SampleFile[] = one.files.map(({ name, bytes }) => ({ name: `${name}.gz`, bytes: gzipSync(bytes) }));
    const { state, issues } = await world.deliver({
      feed: one.feed,
      files: [...files, { name: "more.zip", bytes: zipped(one).subarray(0, 200) }],
    });
    expect(state.status).toBe("completed");
    expect(issues).toEqual([
      expect.objectContaining({
        code: "archive",
        file: "more.zip",
        severity: "error",
        reason: expect.stringMatching(/cut off/),
      }),
    ]);
    expect(state.report?.rows).toMatchObject({ report: { mapped: 1 }, result: { mapped: 1 } });
    await readable(numberOf(one));
  });

  it("as application/zip, or with Content-Encoding gzip, is taken at the door", async () => {
    const token = await world.signIn.client("a-his", "exports");
    const send = async (path: string, body: Buffer, headers: Record<string, string>) => {
      const answer = await fetch(`${world.platform.api}${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, ...headers },
        body: new Uint8Array(body),
      });
      expect(answer.status).toBe(202);
      return finishedExport(
        world.platform,
        () => world.signIn.client("a-his", "exports"),
        ((await answer.json()) as { id: string }).id,
      );
    };
    const one = made();
    expect((await send("/exports/a-tb", zipped(one), { "content-type": "application/zip" })).status).toBe("completed");
    await readable(numberOf(one));
    const [patients] = made().files;
    const state = await send(`/exports/a-tb?file=${patients?.name}`, gzipSync(patients?.bytes ?? Buffer.alloc(0)), {
      "content-type": "text/csv",
      "content-encoding": "gzip",
    });
    expect(state.report?.rows).toMatchObject({ patient: { mapped: 1 } });
  });
});

describe("a delivery dropped into the watched folder", () => {
  let dir: string;
  let channels: Server;
  const feedDir = () => join(dir, "a-tb");
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "inbox-"));
    channels = await startChannels("flow-inbox", { INBOX_DIR: dir, INBOX_LOOK_MS: "200", INBOX_PATIENCE_MINUTES: "0.02" });
  });
  afterAll(async () => {
    await channels.stop();
    await rm(dir, { recursive: true });
  });
  const drop = async (name: string, { files }: Pick<SampleExport, "files">) => {
    await mkdir(join(feedDir(), name), { recursive: true });
    for (const file of files) await writeFile(join(feedDir(), name, file.name), file.bytes);
    await writeFile(join(feedDir(), `${name}.done`), "");
  };
  const gone = (name: string) =>
    waitFor(
      `${name} to be put away`,
      async () => readdirSync(feedDir()),
      (names) => !names.some((one) => one.startsWith(name)),
    );

  it("becomes readable, lies in taken/ afterwards, and dropped twice is the same export", async () => {
    const one = made();
    await drop("n1", one);
    await readable(numberOf(one));
    await gone("n1");
    const taken = readdirSync(join(feedDir(), "taken"));
    expect(taken).toHaveLength(1);
    await finishedExport(world.platform, () => world.signIn.client("a-his", "exports"), taken[0] ?? "");
    const before = await versionsIn(world.store, hospital);
    await drop("n1", one);
    await gone("n1");
    expect(readdirSync(join(feedDir(), "taken"))).toEqual(taken);
    expect(await versionsIn(world.store, hospital)).toEqual(before);
  });

  it("that never is complete is refused with a reason; the next one is taken", async () => {
    await writeFile(join(feedDir(), "n2.done"), "missing.csv\n");
    const one = made();
    await drop("n3", one);
    await gone("n2");
    const [folder = ""] = readdirSync(join(feedDir(), "refused"));
    expect(await readFile(join(feedDir(), "refused", folder, "reason.txt"), "utf8")).toMatch(/missing/);
    await readable(numberOf(one));
  });

  it("is neither lost nor doubled when the watcher is killed again and again", async () => {
    const many = Array.from({ length: 3 }, () => made());
    for (const [at, one] of many.entries()) {
      await drop(`k${at}`, one);
      await channels.kill();
      await channels.start();
    }
    for (const [at, one] of many.entries()) {
      await gone(`k${at}`);
      await readable(numberOf(one));
    }
  }, 180_000);
});

const databases: readonly (readonly [string, FrontDialect, () => Promise<HospitalDatabase>])[] = [
  ["PostgreSQL", "postgresql", postgresqlOfHospital],
  ["MariaDB", "mysql", mariadbOfHospital],
];
describe.each(databases)("a 前置库 on %s that the vendor writes TB_ tables into", (_, dialect, start) => {
  let database: HospitalDatabase;
  let dir: string;
  let channels: Server;

  beforeAll(async () => {
    database = await start();
    const compiled = await compileFeed("mappings/a-tb");
    if (compiled.kind === "wrong") throw new Error(JSON.stringify(compiled.problems));
    await database.run(...frontTables(compiled.feed, dialect));
    dir = await mkdtemp(join(tmpdir(), "pulls-"));
    const { port, database: schema, user, password } = database.connection;
    const example = (await readFile("scripts/front-database/a-tb.yaml", "utf8"))
      .replace(/^source: .*$/m, `source: ${dialect}`)
      .replace(
        /^connection: .*$/m,
        `connection: { host: 127.0.0.1, port: ${port}, database: ${schema}, user: ${user}, tls: off }`,
      )
      .replace(/^every: .*$/m, "every: 1s")
      .replace(/^span: .*$|^start: .*$/gm, "")
      .concat(`\nstart: ${later(new Date(), -dayMs).toISOString().slice(0, 10)}\n`);
    await writeFile(join(dir, "a-tb.yaml"), example);
    await writeFile(join(dir, "broken.yaml"), "feed: nobody\n");
    await writeFile(join(dir, "password"), password);
    await chmod(join(dir, "password"), 0o600);
    channels = await startChannels(`flow-pull-${dialect}`, { PULLS_DIR: dir, PULL_A_TB_PASSWORD_FILE: join(dir, "password") });
  }, 120_000);
  afterAll(async () => {
    await channels?.stop();
    await database?.stop();
    if (dir !== undefined) await rm(dir, { recursive: true });
  });

  /** Writes an export's rows as the vendor would. */
  const write = async ({ files }: Pick<SampleExport, "files">) => {
    const text = (cell: string) => (cell === "-" ? "NULL" : `'${cell.replaceAll("'", "''")}'`);
    for (const file of files) {
      const table = /^(TB_[A-Z_]+)_\d/.exec(file.name)?.[1] ?? "";
      const rows = rowsOf(file).map(
        (row) => `INSERT INTO ${table} (${Object.keys(row).join(", ")}) VALUES (${Object.values(row).map(text).join(", ")})`,
      );
      await database.run(...rows);
    }
  };
  const feed = async () => {
    const states = await expectStatus(
      world.as<{ feed: string; pull?: { failures: number; failed?: string } }[]>("operator", "operate", {
        method: "GET",
        path: "/feeds",
      }),
      200,
    );
    return states.find((one) => one.feed === "a-tb");
  };

  it("is pulled: what was written becomes readable, exactly, and what did not change brings nothing new", async () => {
    const one = made(0.2);
    await write(one);
    await readable(numberOf(one));
    const [report] = await reportsOf(numberOf(one));
    const direct = await world.deliver(one);
    expect(direct.state.counts?.created ?? 0).toBe(0);
    expect(direct.state.counts?.updated ?? 0).toBe(0);
    expect((await reportsOf(numberOf(one)))[0]?.meta?.versionId).toBe(report?.meta?.versionId);
    expect(await feed()).toMatchObject({ pull: { failures: 0 }, lastSuccess: { status: "completed" } });
  });

  it("goes on where it was when it, or the database, is killed in between", async () => {
    const one = made(0.2);
    await database.server.kill();
    await waitFor("the failure to be told", feed, (state) => (state?.pull?.failures ?? 0) > 0);
    expect(await feed()).toMatchObject({ pull: { failed: "tables-down" } });
    await database.server.restart();
    await write(one);
    await channels.kill();
    await channels.start();
    const two = made(0.2);
    await write(two);
    await waitFor(
      "both reports",
      async () => [await reportsOf(numberOf(one)), await reportsOf(numberOf(two))],
      (found) => found.every((some) => some.length === 1),
      { timeoutMs: 150_000 },
    );
  }, 200_000);
});
