import type { Resource } from "@medplum/fhirtypes";
import { systems } from "../fhir/systems.ts";
import type { Identity, Row, Scope, Value } from "./compiled.ts";
import type { Emission } from "./compiled-template.ts";
import type { MappedResource } from "./mapped.ts";

/** A mapped resource that still knows its row. */
export interface Member extends MappedResource {
  readonly row: Row;
}

/** What the head row says about all resources of a sheet. */
export interface SheetState {
  /** The row takes its sheet back. */
  readonly retracted: boolean;
  /** Whether somebody reviewed the results; undefined = the template does not say, so the feed's origin decides. */
  readonly reviewed: boolean | undefined;
}

/** Which of two members with one id stays: the retracted one, then the greater digest. */
export function outranks(a: Member, b: Member): boolean {
  return a.state === b.state ? a.digest > b.digest : a.state === "retracted";
}

/** Makes a resource of its fields: id, state, and what origin and review do to its status. */
export function memberOf(emission: Emission, identity: Identity, fields: Value, scope: Scope, state: SheetState): Member {
  const made = { resourceType: emission.type, id: identity.id, ...(fields as object | undefined) } as Resource;
  const resource = withReview(made, scope.run.unreviewed, state.reviewed);
  const withdrawn = state.retracted || (resource as { status?: string }).status === "entered-in-error";
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

const finalStates: readonly (string | undefined)[] = ["final", "amended", "corrected", "appended"];

/**
 * Results that nobody reviewed are preliminary whatever the row says: those whose template says so (`reviewed` came out empty), and, where it says
 * nothing, those of an instrument. An instrument's results tell where they come from in either case.
 */
function withReview(resource: Resource, instrument: string | undefined, reviewed: boolean | undefined): Resource {
  if (resource.resourceType !== "Observation" && resource.resourceType !== "DiagnosticReport") return resource;
  const held = !(reviewed ?? instrument === undefined) && finalStates.includes(resource.status);
  if (instrument === undefined) return held ? { ...resource, status: "preliminary" } : resource;
  const meta = { ...resource.meta, tag: [...(resource.meta?.tag ?? []), { system: systems.origin, code: instrument }] };
  return { ...resource, meta, ...(held ? { status: "preliminary" as const } : {}) };
}
