import { readFile } from "node:fs/promises";
import { Fault } from "../kernel/fault.ts";
import { type Registry, readRegistry } from "./registry.ts";

/** The registry in a file. Throws `Fault("configuration-wrong")` with every mistake and its line. */
export async function loadRegistry(file: string): Promise<Registry> {
  const read = readRegistry(await readFile(file, "utf8"));
  if (read.kind === "read") return read.registry;
  const lines = read.problems.map(({ line, path, reason }) => `${file}:${line}: ${path} ${reason}`);
  throw new Fault("configuration-wrong", { detail: `The registry is wrong:\n${lines.join("\n")}` });
}
