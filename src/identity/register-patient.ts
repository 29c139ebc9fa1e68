import type { Patient } from "@medplum/fhirtypes";
import type { InstitutionCode, ResourceId } from "../kernel/brand.ts";
import { pause } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { Fault } from "../kernel/fault.ts";
import { factsFromPatient } from "./facts-from-patient.ts";
import { followMove } from "./follow-move.ts";
import { type LinkDeps, linkPatients } from "./link-patients.ts";
import { prepareCorrections } from "./prepare-corrections.ts";
import { sealPerson } from "./seal-person.ts";

/** An identifier of an institution's own, as it gives it. */
export interface OwnIdentifier {
  readonly system: string;
  readonly value: string;
}

/** A patient as an institution with a server of its own feeds it (IHE PIXm, ITI-104). */
export interface Registration {
  readonly tenant: InstitutionCode;
  /** Names the Patient at that institution. */
  readonly key: OwnIdentifier;
  readonly patient: Patient;
}

export type Registered = { readonly kind: "created" | "updated" | "unchanged"; readonly patientId: ResourceId };

const rounds = 5;

/** Id of the local Patient that an institution registers under one of its identifiers. */
export function registeredId(suite: CryptoSuite, tenant: InstitutionCode, { system, value }: OwnIdentifier): ResourceId {
  return suite.computeId(tenant, "Patient", "registered", system, value) as ResourceId;
}

/**
 * Stores a patient that an institution keeps on its own server, sealed like every local Patient, and finds out who it is. What it said before
 * is replaced; wrong links are closed before. One that is inactive loses its link; one that was replaced by another (`link.type` replaced-by)
 * gives way to it. The same again changes nothing. Throws `Fault("store-down")`, `Fault("conflict")` when others keep changing it.
 */
export async function registerPatient(deps: LinkDeps, registration: Registration): Promise<Registered> {
  const { tenant, key, patient } = registration;
  const patientId = registeredId(deps.suite, tenant, key);
  const active = patient.active !== false;
  const facts = factsFromPatient({ ...patient, identifier: withKey(patient, key) });
  const bare: Patient = {
    resourceType: "Patient",
    id: patientId,
    active,
    ...(facts.name === undefined ? {} : { name: [{ text: facts.name }] }),
    ...(facts.sex === undefined ? {} : { gender: facts.sex }),
    ...(facts.birthDate === undefined ? {} : { birthDate: facts.birthDate }),
  };
  const resource = sealPerson(bare, facts, { suite: deps.suite, tenant });
  const kind = await store(deps, registration, resource, async () => {
    const change = { tenant, patientId, ...(active ? { facts: { ...facts, patientId } } : {}) };
    if (replacementIn(patient) === undefined) await prepareCorrections(deps, [change]);
  });
  const into = replacementIn(patient);
  if (into !== undefined) await followMove(deps, { tenant, from: patientId, into: registeredId(deps.suite, tenant, into) });
  else if (active)
    await linkPatients(deps, [{ tenant, patientId, facts: { ...facts, patientId }, created: kind === "created" }]);
  return { kind, patientId };
}

async function store(
  deps: LinkDeps,
  { tenant }: Registration,
  resource: Patient,
  prepare: () => Promise<void>,
): Promise<Registered["kind"]> {
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await pause((deps.random ?? Math.random)() * 50 * round);
    const before = await deps.store.read(tenant, "Patient", resource.id ?? "");
    if (before === undefined) {
      const outcome = await deps.store.commit(tenant, [{ kind: "put", resource }], { createOnly: true });
      if (outcome.kind === "committed") return "created";
      continue;
    }
    if (sameContent(before, resource)) return "unchanged";
    await prepare();
    const ifMatch = before.meta?.versionId ?? "";
    const outcome = await deps.store.commit(tenant, [{ kind: "update", resource, ifMatch }]);
    if (outcome.kind === "committed") return "updated";
  }
  throw new Fault("conflict");
}

function sameContent(stored: Patient, resource: Patient): boolean {
  const sealed = (one: Patient) => one.extension?.map((extension) => extension.valueString).join();
  return stored.active === resource.active && sealed(stored) === sealed(resource);
}

/** The Patient's identifiers with the one it is fed under. */
function withKey(patient: Patient, key: OwnIdentifier): NonNullable<Patient["identifier"]> {
  const others = (patient.identifier ?? []).filter((one) => one.system !== key.system || one.value !== key.value);
  return [...others, { system: key.system, value: key.value }];
}

/** Whom the institution says it was replaced by. */
function replacementIn(patient: Patient): OwnIdentifier | undefined {
  const other = patient.link?.find((link) => link.type === "replaced-by")?.other.identifier;
  return other?.system === undefined || other.value === undefined ? undefined : { system: other.system, value: other.value };
}
