import type { AuditEvent } from "@medplum/fhirtypes";
import { addressOf, type ResourceAddress, residentOf } from "../../fhir/reference.ts";
import type { FhirStore } from "../../fhir/store.ts";
import { systems } from "../../fhir/systems.ts";
import type { InstitutionCode, ResidentId } from "../../kernel/brand.ts";
import { chunks } from "../../kernel/chunks.ts";

/** One thing that one event showed to one institution. */
export interface ShownPlace {
  readonly event: AuditEvent;
  readonly institution: InstitutionCode;
  readonly resident: ResidentId;
  readonly address: ResourceAddress;
  /** As it was shown. */
  readonly version: string;
}

const perSearch = 20;

/** Every event that showed any of these resources, each once. Throws `Fault("store-down")`. */
export function eventsThatShowed(store: Pick<FhirStore, "searchAll">, addresses: readonly string[]): Promise<AuditEvent[]> {
  return eventsNaming(
    store,
    addresses.map((one) => `${systems.resource}|${one}`),
  );
}

/** Every disclosure that names any of these (`<system>|<value>`), each once. */
export async function eventsNaming(store: Pick<FhirStore, "searchAll">, tokens: readonly string[]): Promise<AuditEvent[]> {
  const found = new Map<string, AuditEvent>();
  for (const some of chunks([...new Set(tokens)], perSearch)) {
    const params = { "hutong-what": some.join(","), subtype: `${systems.auditKind}|disclosure` };
    for (const event of await store.searchAll("DEFAULT", "AuditEvent", params)) found.set(event.id ?? "", event);
  }
  return [...found.values()];
}

/** What an event showed to an institution other than the one that holds it: that one knows what it changed. */
export function placesIn(event: AuditEvent): ShownPlace[] {
  const who = event.agent[0]?.who?.identifier;
  const resident = (event.entity ?? []).map((one) => residentOf(one.what)).find((one) => one !== undefined);
  if (who?.system !== systems.institution || who.value === undefined || resident === undefined) return [];
  const institution = who.value as InstitutionCode;
  return (event.entity ?? []).flatMap(({ what, detail }): ShownPlace[] => {
    const address = addressOf(what);
    const version = detail?.find((one) => one.type === "version")?.valueString;
    if (address === undefined || version === undefined || address.tenant === institution) return [];
    return [{ event, institution, resident, address, version }];
  });
}

/** `<tenant>/<Type>/<id>`. */
export function addressText({ tenant, type, id }: ResourceAddress): string {
  return `${tenant}/${type}/${id}`;
}
