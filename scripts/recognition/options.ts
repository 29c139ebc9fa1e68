import { readFileSync } from "node:fs";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import type { Policy } from "../../src/recognition/policy-schema.ts";
import { type PolicySide, sideOf } from "../../src/recognition/policy-side.ts";
import { dayIn } from "../../src/recognition/region-time.ts";
import { type Registry, readRegistry } from "../../src/sources/registry.ts";
import { Mistake } from "../mapping/command.ts";

/** What every command of `npm run recognition` may be told; every option is text, or absent. */
export type Options = Readonly<Partial<Record<OptionName, string>>> & { readonly json: boolean };

/** Options by name, with what help says of them. */
export const optionHelp = {
  policies: "folder of all policies (profiles/recognition)",
  registry: "file that says who is who (scripts/sample/region/registry.yaml)",
  region: "whose policy (linhu)",
  on: "a day, or for explain an instant: 2026-11-22 or 2026-11-22T10:00 (now)",
  version: "show: the version of this name",
  kind: "show: lab or imaging",
  institution: "explain: who orders",
  setting: "explain: outpatient, inpatient or emergency",
  source: "explain: who holds the result",
  laboratory: "explain: who measured it (the source); - = not told",
  at: "explain: when it was collected or performed",
  reported: "explain: when it was reported",
  mark: "explain: the printed mark",
  value: "explain: the printed value",
  unit: "explain: its unit (the item's)",
  specimen: "explain: as printed",
  method: "explain: as printed",
  status: "explain: a FHIR status (final)",
  link: "explain: number, steward or score (number)",
  certificate: "explain: REGION,FROM,TO[,RESULT] of the laboratory's quality certificate",
} as const;
export type OptionName = keyof typeof optionHelp;

/** A command: its arguments as help shows them, what it does, and the doing. The number is the exit code: 0 good, 1 a policy is wrong or two differ. */
export interface Command {
  readonly usage: string;
  readonly summary: string;
  /** Fewest arguments it needs. */
  readonly needs: number;
  run(args: readonly string[], options: Options): Promise<number>;
}

/** The folder of all policies. */
export function policiesIn({ policies = "profiles/recognition" }: Options): string {
  return policies;
}

/** Every version of a region's policy. Throws a `Mistake` with every problem when it is wrong. */
export async function versionsFor(options: Options, region = options.region ?? "linhu"): Promise<readonly Policy[]> {
  const loaded = await loadCatalogue(policiesIn(options), region);
  if (loaded.kind === "wrong") throw new Mistake(describeProblems(loaded.problems));
  return loaded.versions;
}

/** The registry. Throws a `Mistake` when it is wrong. */
export function registryFor({ registry = "scripts/sample/region/registry.yaml" }: Options): Registry {
  const read = readRegistry(readFileSync(registry, "utf8"));
  if (read.kind === "wrong") throw new Mistake(`${registry} is wrong`);
  return read.registry;
}

/** The side an argument names (a version or a day); without one the policy of today. Throws a `Mistake` when there is none. */
export function sideFor(versions: readonly Policy[], named: string | undefined, as: "before" | "after"): PolicySide {
  const [first] = versions;
  const side = sideOf(versions, named ?? dayIn(first?.head.utcOffset ?? "+00:00", new Date()), as);
  if (side !== undefined) return side;
  const known = versions.map(({ head }) => `${head.version} (from ${head.effective.from})`).join(", ");
  throw new Mistake(`${named ?? "today"} names no version and no day the policy covers; there are ${known}`);
}
