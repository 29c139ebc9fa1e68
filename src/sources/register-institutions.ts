import { isDeepStrictEqual } from "node:util";
import type { Endpoint, Organization, Resource } from "@medplum/fhirtypes";
import type { FhirStore, Write } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import type { ResourceId, Tenant } from "../kernel/brand.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { Fault } from "../kernel/fault.ts";
import type { Institution, Registry } from "./registry.ts";

/** Makes HAPI partitions; the numeric id is fixed by the registry and never changes. */
export interface Partitions {
  /** Makes the partition when it is missing. Throws a Fault when the number belongs to another one. */
  ensure(id: number, name: string): Promise<unknown>;
}

export interface RegisterDeps {
  readonly store: FhirStore;
  readonly partitions: Partitions;
  readonly suite: Pick<CryptoSuite, "computeId">;
}

/** How many resources were stored anew or changed; a second run answers 0. */
export interface Registered {
  readonly written: number;
}

const creditCode = "urn:oid:2.16.156.10011.1.5";
const registryLevel = "urn:hutong:institution-level";
const attempts = 5;

/** Id of an institution's (or campus's) Organization in a tenant. */
export function organizationId(
  suite: Pick<CryptoSuite, "computeId">,
  tenant: Tenant,
  institution: string,
  campus?: string,
): ResourceId {
  const key = campus === undefined ? [institution] : [institution, campus];
  return suite.computeId(tenant, "Organization", campus === undefined ? "institution" : "campus", ...key) as ResourceId;
}

/**
 * Makes a partition per institution, and writes Organization and Endpoint to DEFAULT and a copy of its Organizations into its own tenant.
 * Only what differs is written, so it runs at every start and in several processes at once. Throws what the store and the partitions throw.
 */
export async function registerInstitutions(deps: RegisterDeps, registry: Registry): Promise<Registered> {
  for (const institution of registry.institutions) await deps.partitions.ensure(institution.partition, institution.code);
  const hub = registry.institutions.flatMap((institution) => [
    endpointOf(deps.suite, institution),
    ...organizationsOf(deps.suite, "DEFAULT", institution),
  ]);
  const counts = [await bring(deps.store, "DEFAULT", hub)];
  for (const institution of registry.institutions) {
    counts.push(await bring(deps.store, institution.code, organizationsOf(deps.suite, institution.code, institution)));
  }
  return { written: counts.reduce((sum, count) => sum + count, 0) };
}

/** Stores those resources that are missing or differ; answers how many. Another process doing the same makes it look again. */
async function bring(store: FhirStore, tenant: Tenant, wanted: readonly (Organization | Endpoint)[]): Promise<number> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const stored = new Map(
      (await readAll(store, tenant, wanted)).map((resource) => [`${resource.resourceType}/${resource.id}`, resource]),
    );
    const found = (resource: Resource) => stored.get(`${resource.resourceType}/${resource.id}`);
    const missing = wanted.filter((resource) => found(resource) === undefined);
    const changed = wanted.flatMap((resource): Write[] => {
      const { meta, ...content } = found(resource) ?? {};
      return meta?.versionId === undefined || isDeepStrictEqual(content, resource)
        ? []
        : [{ kind: "update", resource, ifMatch: meta.versionId }];
    });
    const outcomes = [
      missing.length > 0 &&
        (await store.commit(
          tenant,
          missing.map((resource) => ({ kind: "put", resource })),
          { createOnly: true },
        )),
      changed.length > 0 && (await store.commit(tenant, changed)),
    ];
    if (outcomes.every((outcome) => outcome === false || outcome.kind === "committed")) return missing.length + changed.length;
  }
  throw new Fault("conflict", { detail: "The registry's resources kept changing under this process." });
}

async function readAll(
  store: FhirStore,
  tenant: Tenant,
  wanted: readonly (Organization | Endpoint)[],
): Promise<(Organization | Endpoint)[]> {
  const idsOf = (type: "Organization" | "Endpoint") =>
    wanted.flatMap((one) => (one.resourceType === type && one.id !== undefined ? [one.id] : []));
  const read = async <T extends "Organization" | "Endpoint">(type: T) =>
    idsOf(type).length > 0 ? await store.readMany(tenant, type, idsOf(type)) : [];
  return [...(await read("Organization")), ...(await read("Endpoint"))];
}

function organizationsOf(suite: RegisterDeps["suite"], tenant: Tenant, institution: Institution): Organization[] {
  const id = organizationId(suite, tenant, institution.code);
  const { province, city, county } = institution.region;
  const whole: Organization = {
    resourceType: "Organization",
    id,
    identifier: [
      { system: systems.institution, value: institution.code },
      { system: creditCode, value: institution.creditCode },
    ],
    active: true,
    type: [{ coding: [{ system: registryLevel, code: `${institution.level.ji}-${institution.level.deng}` }] }],
    name: institution.name,
    address: [
      {
        country: "CN",
        state: province,
        ...(city === undefined ? {} : { city }),
        ...(county === undefined ? {} : { district: county }),
      },
    ],
    ...(tenant === "DEFAULT" ? { endpoint: [{ reference: `Endpoint/${endpointId(suite, institution)}` }] } : {}),
  };
  const campuses = institution.campuses.map(
    (campus): Organization => ({
      resourceType: "Organization",
      id: organizationId(suite, tenant, institution.code, campus.code),
      identifier: [{ system: systems.institution, value: `${institution.code}/${campus.code}` }],
      active: true,
      name: `${institution.name}${campus.name}`,
      partOf: { reference: `Organization/${id}` },
    }),
  );
  return [whole, ...campuses];
}

function endpointId(suite: RegisterDeps["suite"], institution: Institution): string {
  return suite.computeId("DEFAULT", "Endpoint", "institution", institution.code);
}

/** Where an institution's data is asked: the hub's own partition, or its own FHIR server. */
function endpointOf(suite: RegisterDeps["suite"], institution: Institution): Endpoint {
  return {
    resourceType: "Endpoint",
    id: endpointId(suite, institution),
    identifier: [{ system: systems.institution, value: institution.code }],
    status: "active",
    connectionType: { system: "http://terminology.hl7.org/CodeSystem/endpoint-connection-type", code: "hl7-fhir-rest" },
    name: institution.name,
    payloadType: [{ text: "any" }],
    address: institution.endpoint.kind === "hosted" ? `urn:hutong:partition:${institution.code}` : institution.endpoint.url,
  };
}
