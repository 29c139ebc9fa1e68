import type { Period, RelatedArtifact } from "@medplum/fhirtypes";
import type { Entry, Policy, SectionName } from "../policy-schema.ts";
import { lastDayOf, type PolicySide } from "../policy-side.ts";

/** Canonical base of everything Hutong publishes. */
const base = "https://hutong.example/fhir";

/** A version of a region's policy on its way to FHIR. */
export interface Publishing extends PolicySide {
  readonly versions: readonly Policy[];
  readonly entries: Policy["entries"];
  /** The day of the region on which it is asked. */
  readonly today: string;
}

type PublicationStatus = "draft" | "active" | "retired";

/** What every published resource says of itself; `name` distinguishes those of one type within a policy, "" = the policy itself. */
export interface Canonical {
  readonly id: string;
  readonly url: string;
  readonly version: string;
  readonly name: string;
  readonly title: string;
  readonly status: PublicationStatus;
  readonly date: string;
  readonly publisher: string;
}

/** The canonical's address, without its version. */
function canonicalUrl(type: string, { policy }: Pick<Publishing, "policy">, name: string): string {
  return `${base}/${type}/${[`recognition-${policy.head.region}`, name].filter((part) => part !== "").join("-")}`;
}

/** The same with its version, as references name it. */
export function canonicalReference(type: string, publishing: Publishing, name: string): string {
  return `${canonicalUrl(type, publishing, name)}|${publishing.policy.head.version}`;
}

/** Id, address, version and state of a resource of this policy. */
export function canonical(type: string, publishing: Publishing, { name, title }: { name: string; title: string }): Canonical {
  const { head } = publishing.policy;
  return {
    id: [head.region, head.version, name].filter((part) => part !== "").join("-"),
    url: canonicalUrl(type, publishing, name),
    version: head.version,
    name: computable(`recognition-${head.region}-${name}`),
    title,
    status: statusOf(publishing),
    date: head.effective.from,
    publisher: head.name,
  };
}

/** From the first day of the version to its last, where another follows it. */
export function periodOf({ policy, versions }: Publishing): Period {
  const end = lastDayOf(versions, policy);
  return { start: policy.head.effective.from, ...(end === undefined ? {} : { end }) };
}

/** From when to when an entry holds. */
export function entryPeriod({ effective }: Pick<Entry<SectionName>, "effective">): Period {
  return { start: effective.from, ...(effective.to === undefined ? {} : { end: effective.to }) };
}

/** The text an entry rests on, as one line: source and clause. */
export function sourceText({ source, clause }: Pick<Entry<SectionName>, "source" | "clause">): string {
  return `${source}：${clause}`;
}

/** The texts entries rest on, each once. */
export function citations(entries: readonly Pick<Entry<SectionName>, "source" | "clause">[]): RelatedArtifact[] {
  return [...new Set(entries.map(sourceText))].map((citation) => ({ type: "citation", citation }));
}

function statusOf({ policy, versions, today }: Publishing): PublicationStatus {
  if (policy.head.effective.from > today) return "draft";
  const end = lastDayOf(versions, policy);
  return end !== undefined && end < today ? "retired" : "active";
}

/** A name for programs: letters, digits and underscores, beginning with a capital. */
function computable(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== "")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}
