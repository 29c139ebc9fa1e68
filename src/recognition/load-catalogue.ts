import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { checkPolicy, type IsInstitution } from "./check-policy.ts";
import { checkVersions } from "./check-versions.ts";
import type { PolicyProblem } from "./placed.ts";
import type { Policy, SectionName } from "./policy-schema.ts";
import { emptyReading, type Reading, readPolicyFile } from "./read-policy-file.ts";
import { byBeginning } from "./versions.ts";

export type LoadedPolicy =
  | {
      readonly kind: "loaded";
      /** Every version, oldest first; which one counts on a day is asked of versions.ts. */
      readonly versions: readonly Policy[];
    }
  | { readonly kind: "wrong"; readonly problems: readonly PolicyProblem[] };

/** A file of a policy is no longer than this; what is longer is none. */
const longestFile = 2_000_000;

/**
 * Reads the policy of a region: `<root>/<region>/*.yaml`, common to all versions, and each folder in it (`<region>/2026.1/*.yaml`), one version with its
 * own head; a region without such folders is one version. Each version adds to the skeleton it extends. Everything is checked before anything is
 * believed: one wrong entry of any version refuses them all, with file, line and reason for each problem, so that what is in force stays.
 * `isInstitution` = what the registry knows; with it a policy that names a stranger is wrong.
 */
export async function loadCatalogue(root: string, region: string, isInstitution?: IsInstitution): Promise<LoadedPolicy> {
  const inside = await readdir(path.join(root, region), { withFileTypes: true }).catch(() => undefined);
  if (inside === undefined) return wrong(region, "there is no such folder of policies");
  const folders = inside.filter((one) => one.isDirectory()).map((one) => path.join(region, one.name));
  const read = await Promise.all(
    (folders.length === 0 ? [undefined] : folders.sort()).map((one) =>
      readVersion({ root, region, folder: one, isInstitution }),
    ),
  );
  const heads = read.flatMap(({ head }) => (head === undefined ? [] : [head]));
  const problems = distinct([...read.flatMap((one) => one.problems), ...checkVersions(region, heads)]);
  if (problems.length > 0) return { kind: "wrong", problems };
  return { kind: "loaded", versions: read.flatMap(policyOf).sort(byBeginning) };
}

/** Names of the regions that have a policy of their own: every folder with a head in it or in a version of it. */
export async function regionsIn(root: string): Promise<string[]> {
  const folders = (await readdir(root, { withFileTypes: true })).filter((one) => one.isDirectory()).map((one) => one.name);
  const files = await Promise.all(folders.map((one) => readdir(path.join(root, one), { recursive: true })));
  return folders.filter((_one, index) => files[index]?.some((file) => path.basename(file) === "policy.yaml")).sort();
}

/** The problems of a policy as lines an operator can act on. */
export function describeProblems(problems: readonly PolicyProblem[]): string {
  return problems.map(({ file, line, reason }) => `${file}:${line}: ${reason}`).join("\n");
}

interface VersionPlace {
  readonly root: string;
  readonly region: string;
  readonly folder: string | undefined;
  readonly isInstitution: IsInstitution | undefined;
}

async function readVersion({ root, region, folder, isInstitution }: VersionPlace): Promise<Reading> {
  const reading = emptyReading();
  await readFolder({ root, folder: region, reading, withHead: folder === undefined });
  if (folder !== undefined) await readFolder({ root, folder, reading, withHead: true });
  const { head } = reading;
  if (head === undefined) {
    const file = path.join(folder ?? region, "policy.yaml");
    if (reading.problems.length === 0) reading.problems.push({ file, line: 1, reason: "there is no head (section policy)" });
    return reading;
  }
  if (head.entry.extends !== undefined) await readFolder({ root, folder: head.entry.extends, reading, withHead: false });
  // References between entries are only worth checking once each entry is right by itself.
  if (reading.problems.length === 0) reading.problems.push(...checkPolicy(head, reading.entries, isInstitution));
  return reading;
}

interface Folder {
  readonly root: string;
  readonly folder: string;
  readonly reading: Reading;
  readonly withHead: boolean;
}

async function readFolder({ root, folder, reading, withHead }: Folder): Promise<void> {
  const names = await readdir(path.join(root, folder)).catch(() => undefined);
  if (names === undefined) {
    reading.problems.push({ file: folder, line: 1, reason: "there is no such folder of policies" });
    return;
  }
  for (const name of names.filter((one) => one.endsWith(".yaml")).sort()) {
    const file = path.join(folder, name);
    const bytes = await readFile(path.join(root, file)).catch(() => undefined);
    const text = bytes === undefined || bytes.length > longestFile ? undefined : textOf(bytes);
    if (text === undefined) reading.problems.push({ file, line: 1, reason: "cannot be read, is too long or is not UTF-8" });
    else readPolicyFile({ file, text, withHead }, reading);
  }
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function policyOf({ head, entries }: Reading): Policy[] {
  if (head === undefined) return [];
  const plain = (Object.keys(entries) as SectionName[]).map((name) => [name, entries[name].map((one) => one.entry)]);
  return [{ head: head.entry, entries: Object.fromEntries(plain) as Policy["entries"] }];
}

function wrong(file: string, reason: string): LoadedPolicy {
  return { kind: "wrong", problems: [{ file, line: 1, reason }] };
}

/** A file common to several versions is read with each of them; what is wrong in it is told once. */
function distinct(problems: readonly PolicyProblem[]): PolicyProblem[] {
  return [...new Map(problems.map((one) => [`${one.file}:${one.line}:${one.reason}`, one])).values()];
}
