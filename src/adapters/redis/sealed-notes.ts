import type { SealedNotes } from "../../http/web/web-session.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { Fault } from "../../kernel/fault.ts";
import type { RedisConnections } from "./connection.ts";

/** Notes in Redis, each encrypted under its own key, so that one moved to another key cannot be opened. */
export function createSealedNotes({ commands }: Pick<RedisConnections, "commands">, suite: CryptoSuite): SealedNotes {
  const nameOf = (key: string) => `hutong:note:${key}`;
  const contextOf = (key: string) => `note|${key}`;
  const open = (key: string, sealed: string | null) =>
    sealed === null ? undefined : suite.open(contextOf(key), sealed).toString("utf8");
  return {
    async put(key, note, seconds) {
      await answered(commands.set(nameOf(key), suite.seal(contextOf(key), note), "EX", seconds));
    },
    async read(key) {
      return open(key, await answered(commands.get(nameOf(key))));
    },
    async take(key) {
      return open(key, await answered(commands.getdel(nameOf(key))));
    },
    async replace(key, note) {
      await answered(commands.call("SET", nameOf(key), suite.seal(contextOf(key), note), "XX", "KEEPTTL"));
    },
  };
}

async function answered<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (cause) {
    throw new Fault("queue-down", { cause });
  }
}
