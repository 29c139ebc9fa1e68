import { fileURLToPath } from "node:url";
import { createProfileCheck } from "../../src/fhir/profile-check.ts";
import { profileOf } from "../../src/fhir/profile-of.ts";
import { type CheckResource, checkSheet } from "../../src/ingest/check-sheet.ts";
import type { ExportIssue } from "../../src/ingest/issue-list.ts";
import { toSheet } from "../../src/ingest/to-sheet.ts";
import type { MappedSheet } from "../../src/mapping/mapped.ts";

/** Resources of one profile, and in how many of them each element that the profile requires is missing. */
export interface RequiredElements {
  resources: number;
  readonly missing: Map<string, number>;
}

/** Looks at mapped sheets as ingest does before it writes them. */
export interface ProfileWatch {
  /** What ingest would refuse of this sheet: `invalid-resource`, and `sheet-failed` for the rows of a head that is refused. */
  issuesOf(sheet: MappedSheet): readonly ExportIssue[];
  /** By profile, of all sheets seen so far. */
  readonly required: ReadonlyMap<string, RequiredElements>;
}

/** The profile check of a running platform, with the profiles of this repository. */
export function platformCheck(): Promise<CheckResource> {
  return createProfileCheck(fileURLToPath(new URL("../../profiles/", import.meta.url)));
}

/** What the person's identity adds (sealed numbers, phone) is not there yet, here as in ingest: no profile requires it. */
export function watchProfiles(check: CheckResource): ProfileWatch {
  const required = new Map<string, RequiredElements>();
  return {
    required,
    issuesOf(sheet) {
      const { wrong } = checkSheet(check, toSheet(sheet, 0));
      for (const { resource } of sheet.members) {
        const profile = profileOf(resource) ?? resource.resourceType;
        const seen = required.get(profile) ?? { resources: 0, missing: new Map() };
        required.set(profile, seen);
        seen.resources++;
        // Ingest looks at no row of a head it refuses; who writes the mapping wants to know what these lack too.
        if (wrong.length > 0) for (const element of missingIn(check, resource)) raise(seen.missing, element);
      }
      return wrong;
    },
  };
}

/** Elements, without the places in lists, that the validator misses. */
function missingIn(check: CheckResource, resource: Parameters<CheckResource>[0]): ReadonlySet<string> {
  const missing = check(resource).filter(({ reason }) => reason.startsWith("Missing required property"));
  return new Set(missing.map(({ element }) => element.replace(/\[\d+\]/g, "")));
}

function raise(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
