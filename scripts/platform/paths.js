import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's own folder. */
export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Everything `npm start` keeps: data, keys, logs, the assembled HAPI. Not in git. */
export const dataRoot = join(projectRoot, ".hutong");

/**
 * The folders of one running platform.
 * @param {string} dir its data folder
 */
export function foldersOf(dir) {
  const root = resolve(dir);
  return {
    root,
    run: join(root, "run"),
    logs: join(root, "logs"),
    keys: join(root, "keys"),
    postgresLocation: join(root, "postgres.location"), // a file: PostgreSQL's data may have to lie elsewhere
    redis: join(root, "redis"),
    landing: join(root, "landing"),
    sample: join(root, "sample"),
    stateFile: join(root, "state.json"),
    lastStateFile: join(root, "last-state.json"),
    sampleMarker: join(root, "sample.loaded"),
  };
}

/**
 * Makes a folder only its owner can look into; the folders above it are ordinary ones.
 * @param {string} path
 */
export function privateFolder(path) {
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

/**
 * Forgets the data and the logs of a stopped platform. Keys stay: they are nobody's data and other systems know the public ones.
 * @param {string} dir
 */
export function forgetData(dir) {
  const folders = foldersOf(dir);
  const record = folders.postgresLocation;
  if (existsSync(record)) rmSync(readFileSync(record, "utf8").trim(), { recursive: true, force: true });
  for (const path of [
    record,
    folders.redis,
    folders.landing,
    folders.sample,
    folders.logs,
    folders.stateFile,
    folders.sampleMarker,
  ]) {
    rmSync(path, { recursive: true, force: true });
  }
}
