/**
 * `npm start`: installs what is missing, starts the whole platform on this machine with its data in .hutong/, loads the
 * sample region and stays in the foreground. Ctrl-C stops what it started.
 *
 *   npm start -- --fresh       forget the data first
 *   npm start -- --no-sample   leave the platform empty
 */
import { dataRoot, foldersOf, forgetData } from "./platform/paths.js";
import { engineSteps, installSteps, sampleSteps, storeSteps } from "./platform/platform.js";
import { runSteps } from "./platform/progress.js";
import { session } from "./platform/session.js";

const options = new Set(process.argv.slice(2));
for (const option of options) {
  if (!["--fresh", "--no-sample"].includes(option)) {
    console.error(`npm start does not know ${option}. It knows: npm start -- [--fresh] [--no-sample]`);
    process.exit(1);
  }
}

await session(dataRoot, async ({ supervise }) => {
  /** @type {import("./platform/platform.js").Servers} */
  const servers = {};
  if (options.has("--fresh")) forgetData(dataRoot);
  await runSteps([
    ...installSteps(),
    ...storeSteps(dataRoot, servers),
    ...engineSteps(dataRoot, servers),
    ...(options.has("--no-sample") ? [] : sampleSteps(dataRoot)),
  ]);
  for (const server of Object.values(servers)) supervise(server);
  console.log(whereToLook(servers));
  return "stay";
});

/** @param {import("./platform/platform.js").Servers} servers */
function whereToLook(servers) {
  const api = servers.api?.url;
  const { stateFile, logs, keys } = foldersOf(dataRoot);
  return `
Hutong is running.

  API            ${api}/openapi.json
  health         ${api}/readyz   metrics ${api}/metrics
  HL7 v2 (MLLP)  ${servers.mllp?.url}
  HAPI FHIR      ${servers.hapi?.url}/DEFAULT/metadata   (private: only the engine may talk to it)
  clients' keys  ${keys}/clients/private
  logs           ${logs}
  all addresses  ${stateFile}

  next: npm run story     (in a second terminal)
        npm run page      (a one-time link to the pages of 互认; npm run page -- popup: to the doctor's pop-up)
  stop: Ctrl-C            (npm start -- --fresh forgets the data)
`;
}
