import type { Identifier, Reference, Resource } from "@medplum/fhirtypes";
import type { ResidentId, ResourceId, Tenant } from "../kernel/brand.ts";
import { systems } from "./systems.ts";

/** Where a resource stands: partition, type and id. */
export interface ResourceAddress {
  readonly tenant: Tenant;
  readonly type: Resource["resourceType"];
  readonly id: ResourceId;
}

/** Logical reference across partitions, which HAPI refuses as a literal one: identifier `urn:hutong:resource|<tenant>/<Type>/<id>`. */
export function resourceReference<T extends Resource = Resource>(address: ResourceAddress, display?: string): Reference<T> {
  const identifier: Identifier = { system: systems.resource, value: `${address.tenant}/${address.type}/${address.id}` };
  return { type: address.type, identifier, ...(display === undefined ? {} : { display }) } as Reference<T>;
}

/** The address in a logical reference, or undefined when it is not one of ours. */
export function addressOf(reference: Reference | undefined): ResourceAddress | undefined {
  if (reference?.identifier?.system !== systems.resource) return undefined;
  const [tenant, type, id, ...rest] = reference.identifier.value?.split("/") ?? [];
  if (!tenant || !type || !id || rest.length > 0) return undefined;
  return { tenant: tenant as Tenant, type: type as Resource["resourceType"], id: id as ResourceId };
}

/** Names a resident by identifier, so that nothing tells whether a golden Patient exists. */
export function residentReference(resident: ResidentId): Reference<never> {
  return { type: "Patient", identifier: { system: systems.resident, value: resident } };
}

/** The resident a reference names, or undefined. */
export function residentOf(reference: Reference | undefined): ResidentId | undefined {
  return reference?.identifier?.system === systems.resident ? (reference.identifier.value as ResidentId) : undefined;
}

/** Names an institution by its registry code. */
export function institutionReference(code: string, display?: string): Reference<never> {
  return {
    type: "Organization",
    identifier: { system: systems.institution, value: code },
    ...(display === undefined ? {} : { display }),
  };
}

/** Literal reference inside one partition: `Patient/h…`. */
export function localReference(type: Resource["resourceType"], id: string): Reference<never> {
  return { reference: `${type}/${id}` };
}
