/**
 * Run once by docker-compose.yml before anything else: makes the secrets that are missing, in the volumes of those who
 * need them. The engine runs as user node; PostgreSQL and HAPI run as users of their own images.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureClientKeys, ensureKeys } from "./keys.js";
import { clientIdsOf } from "./registry.js";

const engineKeys = "/run/keys";
const clientKeys = "/run/client-keys";
const databasePassword = "/run/database/hapi_db_password";
const nodeUser = 1000;

ensureKeys(engineKeys);
ensureClientKeys({ publicFolder: join(engineKeys, "clients/public"), privateFolder: clientKeys }, await clientIdsOf());
if (!existsSync(databasePassword)) writeFileSync(databasePassword, randomBytes(24).toString("hex"));
chmodSync(databasePassword, 0o444); // only PostgreSQL's and HAPI's containers have this volume

// What scripts/client reads: where the platform is, as seen from a container beside the API, and the clients' keys.
/** @type {import("./state.js").State} */
const state = {
  dir: "/sample",
  urls: { api: "http://127.0.0.1:8080", mllp: "mllp://mllp:2575" },
  servers: {},
  files: { clientKeys },
};
writeFileSync(join(clientKeys, "state.json"), JSON.stringify(state));

for (const folder of [engineKeys, clientKeys]) giveToEngine(folder);

/** @param {string} path a file, or a folder with all below it */
function giveToEngine(path) {
  chownSync(path, nodeUser, nodeUser);
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) giveToEngine(join(path, name));
}
