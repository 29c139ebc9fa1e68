import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jest } from "@jest/globals";
import type { Command, Options } from "../../../scripts/mapping/command.ts";

/** Runs a command as the terminal would, and gives its exit code and what it printed. */
export async function run(
  command: Command,
  args: readonly string[],
  options: Partial<Options> = {},
): Promise<{ readonly code: number; readonly text: string }> {
  let text = "";
  const spy = jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    const code = await command.run(args, { mappings: "mappings", json: false, sheets: 60, update: false, ...options });
    return { code, text };
  } finally {
    spy.mockRestore();
  }
}

/** A folder of its own with these files. */
export function folderOf(files: readonly { readonly name: string; readonly bytes: Uint8Array | string }[]): string {
  const folder = mkdtempSync(join(tmpdir(), "hutong-tools-"));
  for (const { name, bytes } of files) writeFileSync(join(folder, name), bytes);
  return folder;
}
