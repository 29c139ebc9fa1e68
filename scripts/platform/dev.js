/**
 * `node scripts/platform/dev.js DIR`: PostgreSQL, Redis and HAPI alone, with their data in DIR, until Ctrl-C.
 * For working on the engine without the rest of `npm start`; DIR/state.json says where they are.
 */
import { assembledHapi } from "./hapi-build.js";
import { foldersOf } from "./paths.js";
import { storeSteps } from "./platform.js";
import { runSteps } from "./progress.js";
import { session } from "./session.js";
import { installSystemPrograms } from "./system-programs.js";

const dir = process.argv[2];
if (dir === undefined) {
  console.error("usage: node scripts/platform/dev.js DIR");
  process.exit(1);
}
await session(dir, async () => {
  /** @type {import("./platform.js").Servers} */
  const servers = {};
  await runSteps([
    { title: "install what is missing", run: () => installSystemPrograms() },
    { title: "assemble HAPI FHIR", run: assembledHapi },
    ...storeSteps(dir, servers),
  ]);
  for (const server of Object.values(servers)) console.log(`${server.name.padEnd(12)}${server.url}`);
  console.log(`written to ${foldersOf(dir).stateFile}; stop with Ctrl-C or: kill ${process.pid}`);
  return "stay";
});
