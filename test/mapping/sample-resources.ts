import { readFileSync } from "node:fs";
import type { Resource } from "@medplum/fhirtypes";
import { makeRegionSample } from "../../scripts/sample/region-sample.ts";
import { withIssue } from "../../src/fhir/issue.ts";
import { sealPerson } from "../../src/identity/seal-person.ts";
import { createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { createFeedMapper } from "../../src/mapping/feed-mapper.ts";
import { loadFeeds } from "../../src/mapping/load-feeds.ts";
import type { MappedSheet, RowIssue } from "../../src/mapping/mapped.ts";
import { readRegistry } from "../../src/sources/registry.ts";
import { fileOf } from "./map-files.ts";

const suite = createCryptoSuite({ ids: Buffer.alloc(32, 7), index: Buffer.alloc(32, 8), data: Buffer.alloc(32, 9) });

/** One resource of the sample region as it would be stored, and the feed it came from. */
export interface SampleResource {
  readonly feed: string;
  readonly resource: Resource;
}

/** Every resource the shipped mappings make of every feed of the sample region, with issue and sealed numbers as in the store, and what did not map. */
export async function sampleResources(
  options: { residents?: number; days?: number; seed?: string } = {},
): Promise<{ resources: SampleResource[]; issues: { feed: string; issue: RowIssue }[] }> {
  const today = new Date("2026-11-22T00:00:00+08:00");
  const { residents = 60, days = 90, seed = "1" } = options;
  const sample = makeRegionSample({ seed, residents, days, today });
  const read = readRegistry(readFileSync("scripts/sample/region/registry.yaml", "utf8"));
  if (read.kind === "wrong") throw new Error(JSON.stringify(read.problems));
  const { supplierOfFeed, institutionOf } = read.registry;
  const { feeds, wrong } = await loadFeeds("mappings");
  if (wrong.size > 0) throw new Error(JSON.stringify([...wrong]));
  const mapExport = createFeedMapper({
    feeds,
    supplierOf: (feed) => supplierOfFeed(feed)?.code,
    institutionOf,
    suite,
    now: () => today,
  });
  const resources: SampleResource[] = [];
  const issues: { feed: string; issue: RowIssue }[] = [];
  for (const { feed, files } of sample.exports) {
    const mapped = mapExport(
      feed,
      files.map((file) => fileOf(file.name, file.bytes)),
    );
    if (mapped === undefined) throw new Error(`no mapping for ${feed}`);
    for await (const event of mapped.events) {
      if (event.kind === "issue") issues.push({ feed, issue: event.issue });
      if (event.kind !== "sheet") continue;
      resources.push(...asStored(event.sheet).map((resource) => ({ feed, resource })));
    }
  }
  return { resources, issues };
}

/** A sheet's resources with their issue, the person's numbers sealed. */
function asStored({ members, order, person, tenant }: MappedSheet): Resource[] {
  return members.map(({ resource, digest, state }) => {
    const sealed =
      resource.resourceType === "Patient" && person !== undefined ? sealPerson(resource, person, { suite, tenant }) : resource;
    return withIssue(sealed, { order, digest, state });
  });
}

/** What a resource is made of, without its values: two of one shape are alike to a validator but for their texts and numbers. Codes count. */
export function shapeOf({ feed, resource }: SampleResource): string {
  const paths = new Set<string>();
  walk(resource, "", paths);
  return [feed, ...[...paths].sort()].join("\n");
}

const codeLike = new Set([
  "system",
  "status",
  "intent",
  "use",
  "mode",
  "url",
  "comparator",
  "unit",
  "type",
  "category",
  "code",
]);

function walk(value: unknown, path: string, paths: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) walk(one, `${path}[]`, paths);
  else if (typeof value === "object" && value !== null && !JSON.stringify(value).startsWith('{"rawJSON"')) {
    for (const [name, inner] of Object.entries(value)) walk(inner, `${path}.${name}`, paths);
  } else {
    const name = path.slice(path.lastIndexOf(".") + 1);
    // Codes of local items are many and alike; those of FHIR's own systems decide.
    paths.add(codeLike.has(name) && name !== "code" ? `${path}=${String(value)}` : path);
  }
}
