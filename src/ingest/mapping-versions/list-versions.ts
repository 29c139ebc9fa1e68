import type { FhirStore } from "../../fhir/store.ts";
import { type MappingVersion, versionOf } from "./version.ts";

/** Every stored version of a feed, the latest first; without their files. */
export async function listVersions(store: FhirStore, feed: string): Promise<MappingVersion[]> {
  const libraries = await store.searchAll("DEFAULT", "Library", {
    "name:exact": feed,
    _elements: "id,identifier,name,version,status,date,author",
  });
  const versions = libraries.flatMap((library) => versionOf(library) ?? []).filter((version) => version.feed === feed);
  return versions.sort((a, b) => (a.uploadedAt < b.uploadedAt ? 1 : -1));
}

/** A stored version with its files, or undefined. */
export async function readVersion(store: FhirStore, id: string): Promise<MappingVersion | undefined> {
  const library = await store.read("DEFAULT", "Library", id);
  return library === undefined ? undefined : versionOf(library);
}
