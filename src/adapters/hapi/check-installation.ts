import type { Basic } from "@medplum/fhirtypes";
import type { FhirStore } from "../../fhir/store.ts";
import { Fault } from "../../kernel/fault.ts";

const system = "urn:hutong:installation-fingerprint";

/**
 * Compares the fingerprint of the id and index keys with the one this store was begun with; the first start writes it. With other keys every
 * computed id would miss what is stored, so the engine must not run. Throws `Fault("configuration-wrong")`.
 */
export async function checkInstallation(store: FhirStore, fingerprint: string): Promise<void> {
  const mine: Basic = {
    resourceType: "Basic",
    id: "hutong-installation",
    code: { text: "installation" },
    identifier: [{ system, value: fingerprint }],
  };
  await store.createMissing("DEFAULT", [mine]);
  const stored = await store.read("DEFAULT", "Basic", "hutong-installation");
  if (stored?.identifier?.find((one) => one.system === system)?.value === fingerprint) return;
  throw new Fault("configuration-wrong", {
    detail: "This store was begun with other id or index keys (ID_KEY, INDEX_KEY): bring those back, or start on empty data.",
  });
}
