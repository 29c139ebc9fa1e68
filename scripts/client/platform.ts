import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where a running platform is and where this machine keeps its clients' private keys. */
export interface Platform {
  /** Address of the API, without a slash at the end. */
  readonly api: string;
  /** Address of the MLLP port; absent when that role does not run. */
  readonly mllp?: { readonly host: string; readonly port: number };
  /** Folder with `<client>.jwk.json`. */
  readonly clientKeys: string;
  /** The platform's own data folder: for what a client keeps beside it (the generated sample). */
  readonly dir: string;
}

interface State {
  readonly dir: string;
  readonly urls: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** Reads the state file of the platform that runs (`PLATFORM_STATE`, else that of `npm start`). Throws with the command to use when there is none. */
export function readPlatform(file: string = process.env.PLATFORM_STATE ?? ".hutong/state.json"): Platform {
  let state: State;
  try {
    state = JSON.parse(readFileSync(file, "utf8")) as State;
  } catch {
    throw new Error(`no platform runs here (${file} cannot be read). Start it with: npm start`);
  }
  const { api, mllp } = state.urls;
  if (api === undefined) throw new Error(`the platform of ${file} has no API running. Start it with: npm start`);
  const address = mllp === undefined ? undefined : new URL(mllp);
  return {
    api: api.replace(/\/$/, ""),
    ...(address === undefined ? {} : { mllp: { host: address.hostname, port: Number(address.port) } }),
    clientKeys: state.files?.clientKeys ?? join(state.dir, "keys/clients/private"),
    dir: state.dir,
  };
}
