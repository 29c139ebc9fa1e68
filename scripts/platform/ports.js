import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the range the kernel gives to outgoing connections: a server that is killed and started again finds its port free.
 */
const range = { from: 20_000, to: 32_000 };

/**
 * A loopback port nobody listens on.
 * @param {number} [preferred] taken when it is free
 * @returns {Promise<number>}
 */
export async function freePort(preferred) {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = randomInt(range.from, range.to);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free loopback port between ${range.from} and ${range.to}`);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", () => done(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => done(true)));
  });
}
