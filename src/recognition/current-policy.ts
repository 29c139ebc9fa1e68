import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Now } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { type Catalogue, catalogueOn } from "./catalogue.ts";
import { describeProblems, loadCatalogue } from "./load-catalogue.ts";
import type { PolicyProblem } from "./placed.ts";
import type { Policy } from "./policy-schema.ts";

/** Where the policies stand, whose is in force, and who hears of a wrong one. */
export interface PolicyPlace {
  /** `profiles/recognition`. */
  readonly root: string;
  readonly region: string;
  readonly now: Now;
  /** A changed policy is wrong: the one in force stays. */
  readonly refused: (problems: readonly PolicyProblem[]) => void;
}

/**
 * The catalogue in force now. Files are read again only when one of them changed, and the entries are chosen anew each day of the region; a policy that is
 * wrong never replaces the one in force. The first one must be right: else throws `Fault("configuration-wrong")` naming file, line and reason.
 */
export function currentPolicy({ root, region, now, refused }: PolicyPlace): () => Promise<Catalogue> {
  let policy: Policy | undefined;
  let seen: string | undefined;
  let catalogue: Catalogue | undefined;
  return async () => {
    const at = now();
    const signature = await signatureOf(root, [region, ...(policy?.head.extends === undefined ? [] : [policy.head.extends])]);
    if (signature !== seen) {
      const loaded = await loadCatalogue(root, region);
      if (loaded.kind === "wrong") {
        if (policy === undefined) throw new Fault("configuration-wrong", { detail: describeProblems(loaded.problems) });
        refused(loaded.problems);
      } else {
        policy = loaded.policy;
        catalogue = undefined;
      }
      // Taken before the files were read: a change made meanwhile is seen next time.
      seen = signature;
    }
    if (policy === undefined) throw new Fault("configuration-wrong");
    if (catalogue === undefined || catalogue.dayOf(at) !== catalogue.day) catalogue = catalogueOn(policy, at);
    return catalogue;
  };
}

async function signatureOf(root: string, folders: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(path.join(root, folder)).catch(() => []);
      const stats = await Promise.all(names.sort().map((name) => stat(path.join(root, folder, name))));
      return names.map((name, index) => `${folder}/${name} ${stats[index]?.mtimeMs} ${stats[index]?.size}`);
    }),
  );
  return parts.flat().join("\n");
}
