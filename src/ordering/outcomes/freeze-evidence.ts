import type { Resource } from "@medplum/fhirtypes";
import type { ResourceAddress } from "../../fhir/reference.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Item } from "../../recognition/policy-schema.ts";
import type { Prior } from "../../recognition/prior.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import type { CheckRecord, RecordedResult } from "../check/check-record.ts";
import { type Gathered, gatherResults } from "../check/gather-results.ts";
import { type FoundPriors, readPriors } from "../check/read-priors.ts";
import { frozenCopy } from "./frozen-copy.ts";

/** A shown result read again: its copies, or why there are none. `unavailable`: its source does not answer now. */
export type Evidence =
  | { readonly kind: "frozen"; readonly copies: readonly Resource[] }
  | { readonly kind: "changed" | "not-permitted" | "unavailable" };

/** A result that is to be adopted, as it was shown, and the item it is adopted for. */
export interface Wanted {
  readonly result: RecordedResult;
  readonly item: string;
}

type Findings = Extract<Gathered, { kind: "permit" }>;

const dayMs = 86_400_000;

/**
 * Reads results again the way the check read them, and copies them. Keeping a copy is a disclosure of its own: consent and links are asked anew. A result that is no longer
 * the version that was shown is `changed`: what the doctor saw no longer stands. Throws `Fault("store-down")`.
 */
export async function freezeEvidence(
  deps: CheckDeps,
  check: CheckRecord,
  wanted: readonly Wanted[],
): Promise<(one: Wanted) => Evidence> {
  if (wanted.length === 0) return () => ({ kind: "changed" });
  const { catalogue } = await deps.recognitionData();
  const items = wanted.flatMap(({ item }) => catalogue.items.get(item) ?? []);
  const { client, institution, practitioner, resident, visit } = check;
  const now = deps.now();
  const gathered = await gatherResults(deps, {
    check: {
      asker: { client, institution, ...(practitioner === undefined ? {} : { practitioner }) },
      resident,
      emergency: check.purpose === "ETREAT",
      ...(visit === undefined ? {} : { visit }),
    },
    id: check.id as ResourceId,
    kinds: [...new Set(items.map((item) => item.kind))],
    labCodes: items.flatMap((item: Item) => (item.kind === "lab" ? catalogue.codesOf(item) : [])),
    imaging: items.some((item) => item.kind === "imaging"),
    now,
    from: new Date(check.at.getTime() - catalogue.head.horizonDays * dayMs),
  });
  if (gathered.kind === "deny") return () => ({ kind: "not-permitted" });
  const priors = readPriors(gathered.findings.found, gathered.judged, catalogue);
  return (one) => evidenceFor(deps, { gathered, priors }, one);
}

interface Found {
  readonly gathered: Findings;
  readonly priors: FoundPriors;
}

function evidenceFor(deps: CheckDeps, { gathered, priors }: Found, { result }: Wanted): Evidence {
  const { tenant } = result.address;
  const prior = [...priors.keys()].find((one) => isAt(one.address, result.address));
  if (prior === undefined) {
    if (!gathered.judged.patients.some((one) => one.institution === tenant)) return { kind: "not-permitted" };
    const silent = gathered.findings.silent.some((one) => one.source === tenant);
    if (silent && deps.institutionOf(tenant)?.endpoint.kind === "hosted") throw new Fault("store-down");
    if (silent) return { kind: "unavailable" };
    return { kind: resourceAt(gathered, result.address) === undefined ? "changed" : "not-permitted" };
  }
  if (prior.version !== result.version) return { kind: "changed" };
  const resources = resourcesOf(gathered, priors, prior);
  const names = ["result", "report"];
  return { kind: "frozen", copies: resources.flatMap((one, at) => frozenCopy(one, names[at] ?? `part-${at}`) ?? []) };
}

/** The result itself, then the report it stands in. */
function resourcesOf(gathered: Findings, places: FoundPriors, prior: Prior): Resource[] {
  const { report } = places.get(prior) ?? {};
  const [, type, id] = report?.split("/") ?? [];
  const parts = [prior.address, ...(type === undefined || type === prior.address.type ? [] : [{ ...prior.address, type, id }])];
  return parts.flatMap((address) => resourceAt(gathered, address as ResourceAddress) ?? []);
}

function resourceAt({ findings }: Findings, address: ResourceAddress): Resource | undefined {
  return findings.found
    .filter((one) => one.source === address.tenant)
    .flatMap((one) => one.resources)
    .find((one) => one.resourceType === address.type && one.id === address.id);
}

function isAt(one: ResourceAddress, other: ResourceAddress): boolean {
  return one.tenant === other.tenant && one.type === other.type && one.id === other.id;
}
