import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "@jest/globals";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import { policiesFolder } from "./laboratory.ts";

/** The shipped policies in a folder of their own, where a test may spoil them. */
export async function copyPolicies() {
  const root = await mkdtemp(path.join(tmpdir(), "policies-"));
  await cp(policiesFolder, root, { recursive: true });
  return {
    root,
    /** Puts `to` where `from` stands first. */
    async change(file: string, from: string, to: string): Promise<void> {
      const text = await readFile(path.join(root, file), "utf8");
      expect(text).toContain(from);
      await writeFile(path.join(root, file), text.replace(from, to));
    },
    /** What is wrong with 临湖省's policy; nothing = "". */
    async problems(): Promise<string> {
      const loaded = await loadCatalogue(root, "linhu");
      return loaded.kind === "wrong" ? describeProblems(loaded.problems) : "";
    },
    remove: () => rm(root, { recursive: true }),
  };
}
