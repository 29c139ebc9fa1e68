import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import type { Now } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { type Catalogue, catalogueOn } from "./catalogue.ts";
import type { IsInstitution } from "./check-policy.ts";
import { describeProblems, type LoadedPolicy, loadCatalogue } from "./load-catalogue.ts";
import type { PolicyProblem } from "./placed.ts";
import type { Policy } from "./policy-schema.ts";
import { versionAt } from "./versions.ts";

/** Where the policies stand, whose is meant, and who hears of a wrong one. */
export interface PolicyPlace {
  /** `profiles/recognition`. */
  readonly root: string;
  readonly region: string;
  /** What the registry knows; absent = whom a policy names is not asked. */
  readonly isInstitution?: IsInstitution;
  /** A changed policy is wrong: the versions in force stay. */
  readonly refused: (problems: readonly PolicyProblem[]) => void;
}

/**
 * The catalogue in force now. Files are read again only when one of them changed; version and entries are chosen anew each day of the region, so that a
 * version laid down ahead counts from its day without a restart. A policy that is wrong never replaces the one in force. The first one must be right and
 * have begun: else throws `Fault("configuration-wrong")` naming file, line and reason.
 */
export function currentPolicy(place: PolicyPlace & { readonly now: Now }): () => Promise<Catalogue> {
  const versionsOf = policyVersions(place);
  let catalogue: { readonly policy: Policy; readonly value: Catalogue } | undefined;
  return async () => {
    const at = place.now();
    const policy = versionAt(await versionsOf(), at);
    if (policy === undefined) {
      throw new Fault("configuration-wrong", { detail: `${place.region}: no version of the policy has begun by now` });
    }
    if (catalogue?.policy !== policy || catalogue.value.dayOf(at) !== catalogue.value.day) {
      catalogue = { policy, value: catalogueOn(policy, at) };
    }
    return catalogue.value;
  };
}

/** Every version of a region's policy, oldest first, read again only when a file changed. Throws `Fault("configuration-wrong")` like `currentPolicy`. */
export function policyVersions({ root, region, isInstitution, refused }: PolicyPlace): () => Promise<readonly Policy[]> {
  let versions: readonly Policy[] | undefined;
  let seen: string | undefined;
  let reading: Promise<readonly Policy[]> | undefined;

  const look = async () => {
    // Taken before the files are read: a change made meanwhile is seen next time.
    const signature = await signatureOf(root);
    if (signature !== seen || versions === undefined) {
      versions = kept(await loadCatalogue(root, region, isInstitution), versions, refused);
      seen = signature;
    }
    return versions;
  };
  return () => {
    reading ??= look().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}

function kept(
  loaded: LoadedPolicy,
  inForce: readonly Policy[] | undefined,
  refused: PolicyPlace["refused"],
): readonly Policy[] {
  if (loaded.kind === "loaded") return loaded.versions;
  if (inForce === undefined) throw new Fault("configuration-wrong", { detail: describeProblems(loaded.problems) });
  refused(loaded.problems);
  return inForce;
}

/** Name, time and size of every file under the policies: a region, its versions and the skeleton they extend. */
async function signatureOf(root: string): Promise<string> {
  const names = await readdir(root, { recursive: true }).catch(() => []);
  const parts = await Promise.all(
    names.sort().map(async (name) => {
      const file = await stat(path.join(root, name)).catch(() => undefined);
      return `${name} ${file?.mtimeMs} ${file?.size}`;
    }),
  );
  return parts.join("\n");
}
