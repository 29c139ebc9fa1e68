import type { Patient } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import type { LocalPatient } from "./person.ts";

/** The stored Patients at these addresses, by `keyOf`: one request per institution. */
export async function readLocals(store: FhirStore, locals: readonly LocalPatient[]): Promise<Map<string, Patient>> {
  const read = await Promise.all(
    [...Map.groupBy(locals, (local) => local.tenant)].map(async ([tenant, some]) => {
      const patients = await store.readMany(tenant, "Patient", [...new Set(some.map((local) => local.patientId))]);
      return patients.map((patient) => [`${tenant}/Patient/${patient.id}`, patient] as const);
    }),
  );
  return new Map(read.flat());
}
