import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { ensureClientKeys, ensureKeys } from "../../scripts/platform/keys.js";
import { lock } from "../../scripts/platform/lock.js";
import { endAll, runningPid, writePid } from "../../scripts/platform/pidfile.js";
import { freePort } from "../../scripts/platform/ports.js";
import { reachablePlace } from "../../scripts/platform/postgres-cluster.js";
import { serverOf } from "../../scripts/platform/server.js";
import { attach, writeState } from "../../scripts/platform/state.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "hutong-test-"));
});
afterEach(async () => {
  await endAll(join(dir, "run"));
  rmSync(dir, { recursive: true });
});

describe("one platform per data folder", () => {
  it("a second start beside a running one says so, and names the process", () => {
    lock(dir);
    expect(() => lock(dir)).toThrow(`already running in ${dir} (process ${process.pid})`);
  });

  it("a lock given back can be taken again", () => {
    lock(dir)();
    lock(dir)();
  });

  it.each([
    ["the process is gone", { pid: 2 ** 22 + 1, identity: "1 boot" }],
    ["the number belongs to another process now", { pid: process.pid, identity: "1 another boot" }],
  ])("a lock does not count when %s", (_, record) => {
    const unlock = lock(dir);
    writeFileSync(join(dir, "run/lock"), JSON.stringify({ ...record, since: 0, stopSignal: "SIGTERM", stopTimeoutMs: 1 }));
    lock(dir);
    unlock();
  });

  it("a lock that a power cut left half written does not count", () => {
    lock(dir);
    writeFileSync(join(dir, "run/lock"), '{"pid": 12');
    lock(dir);
  });
});

describe("stopping", () => {
  it("ends the latest first, kills what does not listen, and leaves strangers alone", async () => {
    const stranger = spawn("sleep", ["60"]);
    const stubborn = spawn("sh", ["-c", "trap '' TERM; while :; do sleep 0.1; done"]);
    const pidOf = (child: { pid?: number | undefined }) => child.pid ?? 0;
    const ended: string[] = [];
    stubborn.once("exit", (_, signal) => ended.push(`stubborn ${signal}`));
    writePid(join(dir, "run/stubborn.pid"), { pid: pidOf(stubborn), stopSignal: "SIGTERM", stopTimeoutMs: 300 });
    await new Promise((done) => setTimeout(done, 20));
    const polite = spawn("sleep", ["60"]);
    polite.once("exit", (_, signal) => ended.push(`polite ${signal}`));
    writePid(join(dir, "run/polite.pid"), { pid: pidOf(polite), stopSignal: "SIGTERM", stopTimeoutMs: 5000 });

    await endAll(join(dir, "run"));
    await new Promise((done) => setTimeout(done, 50));
    expect(ended).toEqual(["polite SIGTERM", "stubborn SIGKILL"]);
    expect(readdirSync(join(dir, "run"))).toEqual([]);
    expect(stranger.exitCode).toBeNull();
    stranger.kill();
  });
});

describe("a server", () => {
  const listen = `require("node:http").createServer((_, answer) => answer.end("up")).listen(process.env.PORT, "127.0.0.1")`;
  async function spec(script: string) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    return {
      ...{ name: "echo", dir, url, port, cwd: dir, command: process.execPath, args: ["-e", script] },
      ...{ env: { PORT: String(port) }, ready: { kind: "http" as const, urls: [url] }, startTimeoutMs: 10_000 },
      ...{ stopSignal: "SIGTERM" as const, stopTimeoutMs: 5000 },
    };
  }

  it("that is killed can be started again on the same port, also by another process that knows state.json", async () => {
    const server = serverOf(await spec(listen));
    await server.start();
    const first = server.pid;
    const { echo } = attach(writeState(dir, [server]));
    await echo?.kill();
    expect(server.pid).toBeUndefined();
    await echo?.start();
    expect(server.pid).not.toBe(first);
    expect(await (await fetch(server.url)).text()).toBe("up");
  });

  it("that cannot start is reported with the end of its log and where the log is", async () => {
    const server = serverOf(await spec(`console.error("no licence"); process.exit(3)`));
    await expect(server.start()).rejects.toThrow(/echo ended at once \(exit code 3\).*echo\.log:\n {2}no licence/s);
  });

  it("left over from a start that was itself killed is ended before the next one starts", async () => {
    const described = await spec(listen);
    await serverOf(described).start();
    const leftOver = runningPid(join(dir, "run/echo.pid"));
    await serverOf(described).start();
    expect(runningPid(join(dir, "run/echo.pid"))).not.toBe(leftOver);
  });
});

describe("keys", () => {
  it("are made once, readable by their owner only, and never made anew", () => {
    const files = ensureKeys(join(dir, "keys"));
    const before = [files.idKey, files.indexKey, files.dataKey, files.issuerJwks].map((file) => readFileSync(file, "utf8"));
    expect(new Set(before).size).toBe(4);
    expect(before[0]).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(files.idKey).mode & 0o777).toBe(0o600);
    ensureKeys(join(dir, "keys"));
    const after = [files.idKey, files.indexKey, files.dataKey, files.issuerJwks].map((file) => readFileSync(file, "utf8"));
    expect(after).toEqual(before);
  });

  it("of a client are a pair; the public one holds no private part", () => {
    const folders = { publicFolder: join(dir, "public"), privateFolder: join(dir, "private") };
    ensureClientKeys(folders, ["hospital-a"]);
    const secret = JSON.parse(readFileSync(join(dir, "private/hospital-a.jwk.json"), "utf8"));
    const [known] = JSON.parse(readFileSync(join(dir, "public/hospital-a.jwks.json"), "utf8")).keys;
    const { d, ...open } = secret;
    expect(known).toEqual(open);
    expect(d).toBeDefined();
    expect(open).toMatchObject({ kty: "EC", crv: "P-384", alg: "ES384", use: "sig" });
  });

  it.each(["../x", "a/b", ""])("a client id that would leave the folder is refused: %p", (id) => {
    expect(() => ensureClientKeys({ publicFolder: dir, privateFolder: dir }, [id])).toThrow("client id");
  });
});

describe("places and ports", () => {
  it("a preferred port is taken only when it is free", async () => {
    const port = await freePort();
    expect(await freePort(port)).toBe(port);
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(port, "127.0.0.1", done));
    expect(await freePort(port)).not.toBe(port);
    await new Promise((done) => taken.close(done));
  });

  it("PostgreSQL's data lies in the platform's folder, unless its user cannot come there", () => {
    const somebody = { uid: 65534, gid: 65534 };
    chmodSync(dir, 0o755);
    expect(reachablePlace(dir, somebody)).toBe(join(dir, "postgres"));
    chmodSync(dir, 0o700); // as a home directory is
    expect(reachablePlace(join(dir, "hutong"), somebody)).toMatch(/^\/var\/lib\/hutong\/[0-9a-f]{12}\/postgres$/);
    expect(reachablePlace(dir, undefined)).toBe(join(dir, "postgres"));
  });
});
