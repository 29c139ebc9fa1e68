import type { Bundle, Resource } from "@medplum/fhirtypes";
import type { Now } from "../../kernel/clock.ts";
import { describeCatalogue, describeVersions } from "../../recognition/describe-catalogue.ts";
import { diffPolicies } from "../../recognition/diff-policies.ts";
import type { Policy } from "../../recognition/policy-schema.ts";
import { lastDayOf, type PolicySide, sideOf } from "../../recognition/policy-side.ts";
import { type PublishedResource, publishCatalogue } from "../../recognition/publish/publish-catalogue.ts";
import { dayIn } from "../../recognition/region-time.ts";
import { versionNamed } from "../../recognition/versions.ts";
import type { CatalogueDiffQuery, CatalogueQuery } from "../contract/catalogue.ts";
import type { PublishedSearch } from "../contract/published.ts";
import type { UseCases, Wrong } from "../use-cases.ts";

/** What publishing the policies needs. */
export interface CatalogueDeps {
  /** Versions of a region's policy, oldest first; undefined for a region without one that is right. */
  readonly versionsOf: (region: string) => Promise<readonly Policy[] | undefined>;
  /** The region this platform serves. */
  readonly region: string;
  readonly now: Now;
  /** Address under which the outside reaches us, without a slash at its end. */
  readonly publicUrl: string;
}

type Served = Pick<UseCases, "recognitionCatalogue" | "compareCatalogues" | "searchPublished" | "readPublished">;

/** The policies in the open: as a catalogue on any day, as the difference of two, and as FHIR. */
export function serveCatalogue(deps: CatalogueDeps): Served {
  const today = (policy: Policy) => dayIn(policy.head.utcOffset, deps.now());
  let kept:
    | { readonly versions: readonly Policy[]; readonly day: string; readonly resources: readonly PublishedResource[] }
    | undefined;
  const published = async () => {
    const versions = (await deps.versionsOf(deps.region)) ?? [];
    const [policy] = versions;
    if (policy === undefined) return [];
    const day = today(policy);
    if (kept?.versions !== versions || kept.day !== day) kept = { versions, day, resources: publishCatalogue(versions, day) };
    return kept.resources;
  };
  return {
    async recognitionCatalogue(query) {
      const versions = await deps.versionsOf(query.region ?? deps.region);
      const [first] = versions ?? [];
      if (versions === undefined || first === undefined) return undefined;
      const side = sideAsked(versions, query, today(first));
      if (side === undefined) return undefined;
      const described = describeCatalogue(side, query);
      const found = query.item === undefined || described.items.length > 0;
      return found ? { ...described, versions: describeVersions(versions, today(first)) } : undefined;
    },
    async compareCatalogues({ region = deps.region, from, to }) {
      const versions = await deps.versionsOf(region);
      if (versions === undefined) return undefined;
      return compare(versions, { region, from, to });
    },
    async searchPublished({ type, search }) {
      const matches = (await published()).filter((one) => one.resourceType === type && isMatch(one, search));
      return searchset(matches, search, `${deps.publicUrl}/fhir/${type}`);
    },
    async readPublished({ type, id }) {
      return (await published()).find((one) => one.resourceType === type && one.id === id);
    },
  };
}

/** A version on its own day: today while it counts, else its last day or its first. */
function sideAsked(versions: readonly Policy[], { on, version }: CatalogueQuery, today: string): PolicySide | undefined {
  if (version === undefined) return sideOf(versions, on ?? today, "after");
  const policy = versionNamed(versions, version);
  if (policy === undefined) return undefined;
  const last = lastDayOf(versions, policy);
  const day = on ?? today;
  const { from } = policy.head.effective;
  return { policy, day: day < from ? from : last !== undefined && day > last ? last : day };
}

function compare(
  versions: readonly Policy[],
  { region, from, to }: CatalogueDiffQuery & { readonly region: string },
): Awaited<ReturnType<UseCases["compareCatalogues"]>> {
  const [before, after] = [sideOf(versions, from, "before"), sideOf(versions, to, "after")];
  const missing = [...(before === undefined ? ["from"] : []), ...(after === undefined ? ["to"] : [])];
  if (before === undefined || after === undefined) return unknownSides(missing);
  const named = ({ policy, day }: PolicySide) => ({ version: policy.head.version, on: day });
  const difference = { region, from: named(before), to: named(after), ...diffPolicies(before, after) };
  return { kind: "compared", difference };
}

function unknownSides(fields: readonly string[]): Wrong {
  return {
    kind: "wrong",
    problems: fields.map((field) => ({ field, reason: "names no version, or a day before the first one" })),
  };
}

function isMatch(resource: PublishedResource, search: PublishedSearch): boolean {
  const [url, version = search.version] = search.url?.split("|") ?? [];
  const holds = (text: string | undefined, part: string | undefined) =>
    part === undefined || (text ?? "").toLowerCase().includes(part.toLowerCase());
  return (
    (search._id === undefined || resource.id === search._id) &&
    (url === undefined || resource.url === url) &&
    (version === undefined || resource.version === version) &&
    (search.version === undefined || resource.version === search.version) &&
    (search.status === undefined || resource.status === search.status) &&
    holds(resource.name, search.name) &&
    holds(resource.title, search.title)
  );
}

function searchset(matches: readonly Resource[], search: PublishedSearch, address: string): Bundle {
  const { _count: count, _offset: offset, ...asked } = search;
  const page = matches.slice(offset, offset + count);
  const at = (from: number) => {
    const query = new URLSearchParams({ ...asked, _count: String(count), _offset: String(from) });
    return `${address}?${query}`;
  };
  const next = count > 0 && offset + count < matches.length ? [{ relation: "next", url: at(offset + count) }] : [];
  return {
    resourceType: "Bundle",
    type: "searchset",
    total: matches.length,
    link: [{ relation: "self", url: at(offset) }, ...next],
    ...(page.length === 0
      ? {}
      : {
          entry: page.map((resource) => ({
            fullUrl: `${address}/${resource.id}`,
            resource,
            search: { mode: "match" as const },
          })),
        }),
  };
}
