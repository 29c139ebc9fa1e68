import { spawnSync } from "node:child_process";
import { connect } from "node:net";

/**
 * How to see that a server answers. Plain data, so that it can be written to a file and used by another process.
 * @typedef {{kind: "http", urls: string[]} | {kind: "redis", port: number} |
 *   {kind: "postgres", port: number, binaries: string} | {kind: "mariadb", port: number}} Ready
 */

/**
 * Asks once.
 * @param {Ready} ready
 * @returns {Promise<boolean>}
 */
export async function isReady(ready) {
  switch (ready.kind) {
    case "http":
      for (const url of ready.urls) if (!(await answersOk(url))) return false;
      return true;
    case "redis":
      return (await ask(ready.port, "PING\r\n")).startsWith("+PONG");
    case "mariadb":
      return (await ask(ready.port, "")).includes("MariaDB"); // it speaks first
    case "postgres":
      return spawnSync(`${ready.binaries}/pg_isready`, ["-q", "-h", "127.0.0.1", "-p", String(ready.port)]).status === 0;
  }
}

/** @param {string} url */
async function answersOk(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * @param {number} port
 * @param {string} request
 * @returns {Promise<string>} the first bytes of the answer; empty when there is none
 */
function ask(port, request) {
  return new Promise((done) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(request));
    const finish = (/** @type {string} */ answer) => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(2000, () => finish(""));
    socket.once("error", () => finish(""));
    socket.once("data", (data) => finish(data.toString()));
  });
}
