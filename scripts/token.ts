/**
 * Prints a token of a client of the platform that runs here, for curl; its private key lies on this machine:
 *
 *   TOKEN=$(npm run -s token -- a-his exports)
 */
import { readPlatform } from "./client/platform.ts";
import { createSignIn } from "./client/sign-in.ts";

const [client, scope] = process.argv.slice(2);
try {
  if (client === undefined || scope === undefined)
    throw new Error("say which client and scope: npm run -s token -- a-his exports");
  console.log(await createSignIn(readPlatform()).client(client, scope));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
