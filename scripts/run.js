/**
 * `node scripts/run.js FILE [ARGUMENTS]`: installs the packages if need be and runs a TypeScript file of this project on
 * Node 24. The file finds the platform of `npm start` through PLATFORM_STATE, unless that names another one.
 */
import { installPackages } from "./platform/packages.js";
import { dataRoot, foldersOf } from "./platform/paths.js";
import { runTypeScript } from "./platform/typescript.js";

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node scripts/run.js FILE [ARGUMENTS]");
  process.exit(1);
}
try {
  await installPackages();
  const platform = process.env.PLATFORM_STATE ?? foldersOf(dataRoot).stateFile;
  process.exitCode = await runTypeScript(file, args, { env: { PLATFORM_STATE: platform } });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
