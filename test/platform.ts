import { dirname, join } from "node:path";
import { type Answer, type Call, call, expectStatus } from "../scripts/client/call.ts";
import { type ExportState, finishedExport, postExport } from "../scripts/client/deliver-export.ts";
import { type Platform, readPlatform } from "../scripts/client/platform.ts";
import { createSignIn, type SignIn } from "../scripts/client/sign-in.ts";
import type { SampleExport } from "../scripts/sample/events.ts";
import { type DoctorsSystem, doctorsSystem } from "../scripts/story/doctor.ts";
import { type ResidentsPortal, residentsPortal } from "../scripts/story/resident.ts";
import { createHapiClient } from "../src/adapters/hapi/client.ts";
import { createHapiStore } from "../src/adapters/hapi/store.ts";
import type { FhirStore } from "../src/fhir/store.ts";
import type { Tenant } from "../src/kernel/brand.ts";

/** A row or file that did not become resources, as `GET /exports/{id}/issues` tells it. */
export interface ExportIssue {
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly file: string;
  readonly line?: number;
  readonly column?: string;
  readonly field?: string;
  readonly reason: string;
}

/** An export from its delivery to its end. */
export interface Delivered {
  readonly id: string;
  readonly state: ExportState;
  readonly issues: readonly ExportIssue[];
}

/** A running engine as its clients see it, and the store behind it, which only a test may look into. */
export interface World {
  readonly platform: Platform;
  readonly signIn: SignIn;
  readonly store: FhirStore;
  /** The system of an institution with one doctor signed in. */
  doctor(institution: string): DoctorsSystem;
  portal(identityNumber: string): ResidentsPortal;
  /** A request with a client's token. */
  as<T = never>(client: string, scope: string, request: Omit<Call, "token">): Promise<Answer<T>>;
  /** A request with the token of the resident of this number. */
  asResident<T = never>(identityNumber: string, request: Omit<Call, "token">): Promise<Answer<T>>;
  /** Delivers an export as its supplier and waits until it has been worked through. */
  deliver(made: Pick<SampleExport, "feed" | "files">, timeoutMs?: number): Promise<Delivered>;
  close(): Promise<void>;
}

/** Institutions of the sample region: its tenants. */
const institutions = [
  "a-provincial",
  "b-central",
  "c-county",
  "c-town-1",
  "c-town-2",
  "c-thirdlab",
  "quality-centre",
  "d-second",
  "e-third",
] as Tenant[];

const supplierOf: Record<string, string> = {
  "a-tb": "a-his",
  "b-snake": "b-platform",
  "b-cda": "b-platform",
  "d-tb": "d-his",
  "c-adt": "c-shared-his",
  "c-lis": "c-shared-his",
  "c-poct": "c-shared-his",
  "quality-certificates": "quality-centre",
};

/** The engine of the flow tests. */
export function flowWorld(): World {
  return connectWorld(join(dirname(process.env.PLATFORM_STATE ?? ""), "flow.json"));
}

/** Connects to the engine that a state file names, and to the HAPI of this run. */
export function connectWorld(stateFile: string, baseUrl = process.env.HAPI_URL): World {
  if (baseUrl === undefined)
    throw new Error("HAPI_URL is not set: these tests run through `npm test`, which starts the servers");
  const platform = readPlatform(stateFile);
  const signIn = createSignIn(platform);
  const client = createHapiClient({ baseUrl });
  const world: World = {
    platform,
    signIn,
    store: createHapiStore(client),
    doctor: (institution) =>
      doctorsSystem(platform, signIn, institution, { id: `doctor-of-${institution}`, name: "程医生", role: "doctor" }),
    portal: (identityNumber) => residentsPortal(platform, signIn, identityNumber),
    as: async (client, scope, request) => call(platform, { ...request, token: await signIn.client(client, scope) }),
    asResident: async (identityNumber, request) => call(platform, { ...request, token: await signIn.resident(identityNumber) }),
    async deliver(made, timeoutMs) {
      const token = () => signIn.client(supplierOf[made.feed] ?? "", "exports");
      const { id } = await expectStatus(postExport(platform, await token(), made as SampleExport), 202);
      const state = await finishedExport(platform, token, id, timeoutMs);
      const issues = await expectStatus(
        call<ExportIssue[]>(platform, { method: "GET", path: `/exports/${id}/issues`, token: await token() }),
        200,
      );
      return { id, state, issues };
    },
    close: () => client.close(),
  };
  return world;
}

/** `<tenant>/<Type>/<id>` to version, of every resource of these types in these tenants, Provenance and AuditEvents left out. */
export async function versionsIn(
  store: FhirStore,
  tenants: readonly Tenant[] = institutions,
  types: readonly ClinicalType[] = clinicalTypes,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const tenant of tenants) {
    for (const type of types) {
      for (const one of await store.searchAll(tenant, type, { _elements: "id,meta" }))
        found.set(`${tenant}/${type}/${one.id}`, one.meta?.versionId ?? "");
    }
  }
  return found;
}

const clinicalTypes = ["Patient", "Encounter", "DiagnosticReport", "Observation", "Specimen", "ImagingStudy", "Basic"] as const;
type ClinicalType = (typeof clinicalTypes)[number];
