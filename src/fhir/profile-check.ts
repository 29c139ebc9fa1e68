import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadDataType, OperationOutcomeError, type TypedValueWithPath, validateTypedValue } from "@medplum/core";
import type {
  CodeSystem,
  Coding,
  Extension,
  OperationOutcomeIssue,
  Resource,
  StructureDefinition,
  ValueSet,
} from "@medplum/fhirtypes";
import { type PartCheck, partCheckOf } from "./extension-parts.ts";
import { rememberPassed } from "./passed-shapes.ts";
import { profileOf } from "./profile-of.ts";
import { snapshotOf } from "./profile-snapshot.ts";

/** Why a resource is not what its profile allows: the element and the rule, never a value. */
export interface ProfileProblem {
  /** FHIRPath of the element: `Observation.referenceRange[0].low`. */
  readonly element: string;
  readonly reason: string;
}

/** Checks one resource against the profile of its type and kind, or against the one named; no problems = it may be written. */
export type ProfileCheck = (resource: Resource, profile?: string) => readonly ProfileProblem[];

interface R4 {
  readonly types: Readonly<Record<string, StructureDefinition>>;
  /** Codes (`system|code`) of R4's value sets that are plain lists. */
  readonly codes: Readonly<Record<string, readonly string[]>>;
}

type Codes = ReadonlyMap<string, ReadonlySet<string>>;

const structure = "https://hutong.example/fhir/StructureDefinition/";

/** The check of `createFullCheck`, which costs a fraction of a millisecond, done once for all resources of one shape. Throws like it. */
export async function createProfileCheck(profilesDir: string): Promise<ProfileCheck> {
  return rememberPassed(await createFullCheck(profilesDir));
}

/**
 * Reads R4 (reduced by scripts/make-r4-structures.ts), our StructureDefinitions, CodeSystems and ValueSets (`profiles/`) once; the check is
 * synchronous and needs no server. Beside what the validator of @medplum/core finds it refuses two values of one choice, references to
 * other types than allowed, codes outside a required binding, and extensions of Hutong that are not defined or not filled as defined.
 * A resource of a type that we have no profile for is checked against R4. Throws when a profile does not fit its base.
 */
export async function createFullCheck(profilesDir: string): Promise<ProfileCheck> {
  const r4 = JSON.parse(await readFile(new URL("./r4-structures.json", import.meta.url), "utf8")) as R4;
  const profiles = [
    ...(await readAll<StructureDefinition>(join(profilesDir, "structures"))),
    ...(await readAll<StructureDefinition>(join(profilesDir, "extensions"))),
  ];
  const codes = codesOf(r4.codes, await readAll<CodeSystem | ValueSet>(join(profilesDir, "terminology")));
  const elementsOf = (type: string) => r4.types[type]?.snapshot?.element;
  const known = new Set<string>();
  const parts = new Map<string, PartCheck>();
  const allowed = (valueSet: string, code: string) => codes.get(valueSet)?.has(`|${code}`) ?? true;
  for (const profile of profiles) {
    // Loaded as a type named by its address: the validator then keeps it parsed, where a profile given with each call is parsed each time.
    const element = snapshotOf(profile, elementsOf);
    loadDataType({ ...profile, type: profile.url, snapshot: { element } } as StructureDefinition);
    known.add(profile.url ?? "");
    const partCheck = partCheckOf(profile);
    if (partCheck !== undefined) parts.set(profile.url ?? "", partCheck);
  }
  // After the profiles: the parts of a resource (`ObservationComponent`) are known to the validator by name alone, and R4's own must win.
  for (const type of Object.values(r4.types)) loadDataType(type);
  return (resource, profile = profileOf(resource)) => {
    const type = profile === undefined ? resource.resourceType : structure + profile;
    if (profile === undefined ? r4.types[type] === undefined : !known.has(type))
      return [{ element: resource.resourceType, reason: "a type that is never written" }];
    // Exact decimals are raw JSON until they are sent; the validator wants what is sent.
    const value = JSON.parse(JSON.stringify(resource)) as Resource;
    return [
      ...problemsOf(type, value, value.resourceType, codes),
      ...extensionsIn(value, value.resourceType).flatMap(({ extension, path }) => {
        const url = extension.url ?? "";
        if (!known.has(url)) return [{ element: path, reason: "an extension of Hutong that is not defined" }];
        const inner = parts.get(url)?.(extension, allowed) ?? [];
        return [
          ...problemsOf(url, extension, path, codes),
          ...inner.map(({ at, reason }) => ({ element: `${path}.extension[${at}].value`, reason })),
        ];
      }),
    ];
  };
}

function problemsOf(type: string, value: object, path: string, codes: Codes): ProfileProblem[] {
  const tokens: Record<string, TypedValueWithPath[]> = {};
  const issues = issuesOf(() => validateTypedValue({ type, value }, { collect: { tokens } }));
  const unbound = Object.entries(tokens).flatMap(([url, found]) => {
    const allowed = codes.get(url.split("|")[0] ?? "");
    return allowed === undefined ? [] : found.filter((one) => !isAllowed(one, allowed)).map((one) => one.path);
  });
  // The validator calls an extension `Extension`, and names only the key of a second value of one choice.
  const placed = (element = "") => {
    if (!/^[A-Z]/.test(element)) return `${path}.${element}`;
    return path.includes(".") ? element.replace(/^Extension/, path) : element;
  };
  return [
    ...issues.map((issue) => ({
      element: placed(issue.expression?.[0]),
      reason: issue.details?.text ?? issue.code ?? "invalid",
    })),
    ...unbound.map((element) => ({ element: placed(element), reason: "a code outside the required value set" })),
  ];
}

/** The validator throws its issues when one is an error and returns them when all are warnings; both count here. */
function issuesOf(run: () => OperationOutcomeIssue[]): OperationOutcomeIssue[] {
  try {
    return run();
  } catch (error) {
    if (error instanceof OperationOutcomeError) return error.outcome.issue ?? [];
    throw error;
  }
}

function isAllowed({ type, value }: TypedValueWithPath, allowed: ReadonlySet<string>): boolean {
  const coded = (coding: Coding) => allowed.has(`${coding.system}|${coding.code}`);
  if (type === "code") return allowed.has(`|${value}`);
  if (type === "Coding") return coded(value as Coding);
  if (type === "CodeableConcept") return ((value as { coding?: Coding[] }).coding ?? []).some(coded);
  return true;
}

/** Each value set's codes as `system|code`, and as `|code` for elements that carry no system. */
function codesOf(r4: R4["codes"], ours: readonly (CodeSystem | ValueSet)[]): Codes {
  const systems = new Map(ours.filter((one) => one.resourceType === "CodeSystem").map((one) => [one.url, one]));
  const sets = ours.filter((one) => one.resourceType === "ValueSet");
  const own = sets.map((set): [string, string[]] => [
    set.url ?? "",
    (set.compose?.include ?? []).flatMap((part) =>
      (part.concept ?? systems.get(part.system)?.concept ?? []).map((one) => `${part.system}|${one.code}`),
    ),
  ]);
  return new Map(
    [...Object.entries(r4), ...own].map(([url, list]) => [
      url,
      new Set(list.flatMap((one) => [one, one.slice(one.lastIndexOf("|"))])),
    ]),
  );
}

/** Every extension of Hutong in a resource, with its path; parts of one belong to it. */
function extensionsIn(value: unknown, path: string): { extension: Extension; path: string }[] {
  if (Array.isArray(value)) return value.flatMap((one, at) => extensionsIn(one, `${path}[${at}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "extension" && Array.isArray(inner)
      ? inner.flatMap((one: Extension, at) =>
          one.url?.startsWith(structure)
            ? [{ extension: one, path: `${path}.extension[${at}]` }]
            : extensionsIn(one, `${path}.extension[${at}]`),
        )
      : extensionsIn(inner, `${path}.${name}`),
  );
}

async function readAll<T>(folder: string): Promise<T[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as T));
}
