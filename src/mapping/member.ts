import type { Resource } from "@medplum/fhirtypes";
import { systems } from "../fhir/systems.ts";
import type { Identity, Row, Scope, Value } from "./compiled.ts";
import type { Emission } from "./compiled-template.ts";
import type { MappedResource } from "./mapped.ts";

/** A mapped resource that still knows its row. */
export interface Member extends MappedResource {
  readonly row: Row;
}

/** Which of two members with one id stays: the retracted one, then the greater digest. */
export function outranks(a: Member, b: Member): boolean {
  return a.state === b.state ? a.digest > b.digest : a.state === "retracted";
}

/** Makes a resource of its fields: id, state, and what the feed's origin does to its status. */
export function memberOf(emission: Emission, identity: Identity, fields: Value, scope: Scope, retracted: boolean): Member {
  const made = { resourceType: emission.type, id: identity.id, ...(fields as object | undefined) } as Resource;
  const resource = scope.run.unreviewed === undefined ? made : asUnreviewed(made, scope.run.unreviewed);
  const withdrawn = retracted || (resource as { status?: string }).status === "entered-in-error";
  const { row } = scope;
  return {
    resource,
    kind: identity.kind,
    digest: row.digest,
    state: withdrawn ? "retracted" : "present",
    file: row.file,
    line: row.line,
    row,
  };
}

/** Results that come from an instrument without a review are preliminary whatever they say, and tell where they come from. */
function asUnreviewed(resource: Resource, origin: string): Resource {
  if (resource.resourceType !== "Observation" && resource.resourceType !== "DiagnosticReport") return resource;
  const final = resource.status === "final" || resource.status === "amended" || resource.status === "corrected";
  const meta = { ...resource.meta, tag: [...(resource.meta?.tag ?? []), { system: systems.origin, code: origin }] };
  return { ...resource, meta, ...(final ? { status: "preliminary" as const } : {}) };
}
