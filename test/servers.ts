import { randomUUID } from "node:crypto";
import { createHapiClient, type HapiClient } from "../src/adapters/hapi/client.ts";
import { installSearchParameters } from "../src/adapters/hapi/install-conformance.ts";
import { createHapiPartitions } from "../src/adapters/hapi/partitions.ts";
import { createHapiStore } from "../src/adapters/hapi/store.ts";
import type { FhirStore } from "../src/fhir/store.ts";
import type { InstitutionCode, ResourceId } from "../src/kernel/brand.ts";

/** The HAPI server that `npm test` started; tests keep apart by ids (`id`) and by partitions of their own. */
export interface TestHapi {
  readonly client: HapiClient;
  readonly store: FhirStore;
  readonly one: InstitutionCode;
  readonly other: InstitutionCode;
  /** An id nobody else uses in this run. */
  readonly id: (name: string) => ResourceId;
}

/** A client of the HAPI that `npm test` started. */
export function clientOfHapi(): HapiClient {
  const baseUrl = process.env.HAPI_URL;
  if (baseUrl === undefined)
    throw new Error("HAPI_URL is not set: these tests run through `npm test`, which starts the servers");
  return createHapiClient({ baseUrl });
}

/** Connects to the server of this run and prepares two partitions. Fails with the command to use when there is no server. */
export async function connectTestHapi(): Promise<TestHapi> {
  const client = clientOfHapi();
  const store = createHapiStore(client);
  const partitions = createHapiPartitions(client);
  await partitions.ensure(9001, "t-one");
  await partitions.ensure(9002, "t-other");
  await installSearchParameters(store, "profiles");
  const run = randomUUID().slice(0, 8);
  return {
    client,
    store,
    one: "t-one" as InstitutionCode,
    other: "t-other" as InstitutionCode,
    id: (name) => `h-${run}-${name}` as ResourceId,
  };
}
