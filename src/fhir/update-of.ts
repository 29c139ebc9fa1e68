import type { Resource } from "@medplum/fhirtypes";
import type { Write } from "./store.ts";

/** The write that puts a changed resource in place of the stored one it was made from, as long as that is still the stored one. */
export function updateOf(stored: Resource, changed: Resource): Write & { readonly kind: "update" } {
  const { meta, ...resource } = changed;
  const { versionId: _, lastUpdated: __, source: ___, ...kept } = meta ?? {};
  const clean = Object.keys(kept).length === 0 ? resource : { ...resource, meta: kept };
  return { kind: "update", resource: clean as Resource, ifMatch: stored.meta?.versionId ?? "1" };
}
