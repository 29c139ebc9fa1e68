import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { describeFhirStore } from "../contract/fhir-store.contract.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";

describeFhirStore("in memory", async () => ({
  store: createMemoryStore(),
  one: "one" as InstitutionCode,
  other: "other" as InstitutionCode,
  id: (name) => `h-${name}` as ResourceId,
}));
