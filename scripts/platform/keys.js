import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { privateFolder } from "./paths.js";

/**
 * Where the secrets of one installation lie. The id key, the index key and the data key are in folders of their own, so
 * that each can be kept, backed up and given away apart from the others.
 * @param {string} folder
 */
export function keyFiles(folder) {
  return {
    idKey: join(folder, "id", "id.key"),
    indexKey: join(folder, "index", "index.key"),
    dataKey: join(folder, "data", "data.key"),
    issuerJwks: join(folder, "issuer", "issuer.jwks.json"),
    clientsPublic: join(folder, "clients", "public"),
    clientsPrivate: join(folder, "clients", "private"),
  };
}

/**
 * Makes the secrets that are missing; never makes one anew.
 * @param {string} folder
 */
export function ensureKeys(folder) {
  const files = keyFiles(folder);
  for (const file of [files.idKey, files.indexKey, files.dataKey]) {
    writeOnce(file, () => `${randomBytes(32).toString("hex")}\n`);
  }
  writeOnce(files.issuerJwks, () => json({ keys: [keyPair("P-256", "ES256").private] }));
  return files;
}

/**
 * Makes a key pair for each client that has none: the private one for the client, the public one for the issuer.
 * @param {{publicFolder: string, privateFolder: string}} folders
 * @param {string[]} clientIds
 */
export function ensureClientKeys(folders, clientIds) {
  for (const id of clientIds) {
    if (!/^[A-Za-z0-9._-]+$/.test(id))
      throw new Error(`client id ${JSON.stringify(id)}: use letters, digits, dot, dash, underscore`);
    const file = join(folders.privateFolder, `${id}.jwk.json`);
    if (existsSync(file)) continue;
    const pair = keyPair("P-384", "ES384");
    privateFolder(folders.publicFolder);
    // The public key first: a private key that exists has its counterpart.
    writeFileSync(join(folders.publicFolder, `${id}.jwks.json`), json({ keys: [pair.public] }));
    writeOnce(file, () => json(pair.private));
  }
}

/**
 * @param {"P-256" | "P-384"} curve
 * @param {"ES256" | "ES384"} alg
 */
function keyPair(curve, alg) {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: curve });
  const { kty, crv, x, y, d } = privateKey.export({ format: "jwk" });
  // RFC 7638: the thumbprint of the key is its name.
  const kid = createHash("sha256").update(JSON.stringify({ crv, kty, x, y })).digest("base64url");
  const common = { kty, crv, x, y, kid, use: "sig", alg };
  return { public: common, private: { ...common, d } };
}

/**
 * @param {string} file
 * @param {() => string} content
 */
function writeOnce(file, content) {
  if (existsSync(file)) return;
  privateFolder(dirname(file));
  writeFileSync(file, content(), { mode: 0o600, flag: "wx" });
}

/** @param {unknown} value */
function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
