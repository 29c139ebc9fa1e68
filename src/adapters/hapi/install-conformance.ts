import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Resource, SearchParameter } from "@medplum/fhirtypes";
import { z } from "zod";
import type { FhirStore } from "../../fhir/store.ts";

const Retired = z.record(z.string(), z.array(z.string()));

/**
 * Stores the search parameters of `profiles/search-parameters` in DEFAULT before any data: ours are used by every reader, and those of
 * HAPI that nobody asks by are retired, which makes writing a fifth faster. What is stored already is left alone, so a second start is quick.
 */
export async function installSearchParameters(store: FhirStore, profilesDir: string): Promise<{ written: number }> {
  const folder = join(profilesDir, "search-parameters");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  const own = files
    .filter((name) => name !== "retired.json")
    .map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as SearchParameter);
  const retired = Retired.parse(JSON.parse(await readFile(join(folder, "retired.json"), "utf8")));
  const wanted = [
    ...(await Promise.all(own)),
    ...Object.entries(retired).flatMap(([base, codes]) => codes.map((code) => retire(base, code))),
  ];
  const stored = new Map((await store.searchAll("DEFAULT", "SearchParameter", {})).map((one) => [one.id, one]));
  const missing = wanted.filter((one) => !same(stored.get(one.id ?? ""), one));
  // One at a time: each PUT makes HAPI rebuild its registry of search parameters.
  for (const resource of missing) await store.commit("DEFAULT", [{ kind: "put", resource }]);
  return { written: missing.length };
}

/**
 * Stores our StructureDefinitions, ValueSets and CodeSystems (`profiles/`) in DEFAULT, so that HAPI's own `$validate` knows them; one
 * transaction a folder. The platform does not do it when it starts: what is written is checked before it is sent (`src/fhir/profile-check.ts`).
 */
export async function installProfiles(store: FhirStore, profilesDir: string): Promise<{ written: number }> {
  let written = 0;
  for (const name of ["terminology", "extensions", "structures"]) {
    const folder = join(profilesDir, name);
    const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
    const resources = await Promise.all(
      files.map(async (file) => JSON.parse(await readFile(join(folder, file), "utf8")) as Resource),
    );
    await store.commit(
      "DEFAULT",
      resources.map((resource) => ({ kind: "put", resource })),
    );
    written += resources.length;
  }
  return { written };
}

/** HAPI's own parameter, overridden by one of the same base and code that is not active. */
function retire(base: string, code: string): SearchParameter {
  return {
    resourceType: "SearchParameter",
    id: `retired-${base}-${code}`,
    url: `https://hutong.example/fhir/SearchParameter/retired-${base}-${code}`,
    name: "Retired",
    status: "retired",
    description: "Nobody searches by it; its index rows cost time on every write.",
    code,
    base: [base as NonNullable<SearchParameter["base"]>[number]],
    type: "token",
    expression: `${base}.id`,
  };
}

function same(stored: SearchParameter | undefined, wanted: SearchParameter): boolean {
  return stored?.status === wanted.status && stored.expression === wanted.expression && stored.code === wanted.code;
}
