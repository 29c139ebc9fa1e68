import type { Patient } from "@medplum/fhirtypes";
import { compareReplacements, replacementOf, withReplacement } from "../fhir/replacement.ts";
import type { Write } from "../fhir/store.ts";
import { updateOf } from "../fhir/update-of.ts";
import type { InstitutionCode, Tenant } from "../kernel/brand.ts";
import { chunks } from "../kernel/chunks.ts";
import { pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Coming } from "./known-parents.ts";
import type { PatientMove } from "./move-task.ts";
import { provenanceOf } from "./provenance.ts";
import type { Sheet } from "./sheet.ts";
import { stubOf } from "./stub.ts";
import type { WriteDeps } from "./write-deps.ts";

const rounds = 10;
const perTransaction = 50;

/**
 * Stores which Patients gave way to which. One that was never stored becomes an inactive Patient that points to the better one; of one that is stored the
 * resources follow: a Task for that is opened before it is written. `sheets` = the rows that tell it. Throws `Fault("conflict")`, `Fault("store-down")`.
 */
export async function giveWay(
  deps: WriteDeps,
  tenant: Tenant,
  { coming, sheets }: { readonly coming: readonly Coming[]; readonly sheets: readonly Sheet[] },
): Promise<void> {
  let open = strongest(coming).filter(({ replacement }) => !deps.refused.has(`${tenant}/Patient/${replacement.into}`));
  for (let round = 0; open.length > 0; round++) {
    if (round === rounds) throw new Fault("conflict");
    if (round > 0) await pause(20 * round * (0.5 + Math.random()));
    const unstored = await createInactive(deps, tenant, open);
    open = [];
    for (const some of chunks(unstored, perTransaction)) open.push(...(await replaceStored(deps, tenant, { some, sheets })));
  }
}

/** Of several statements about one Patient the one that counts. */
function strongest(coming: readonly Coming[]): Coming[] {
  const byId = new Map<string, Coming>();
  for (const one of coming) {
    const before = byId.get(one.id);
    if (before === undefined || compareReplacements(one.replacement, before.replacement) > 0) byId.set(one.id, one);
  }
  return [...byId.values()];
}

/** Creates those that are missing; the others are returned. */
async function createInactive(deps: WriteDeps, tenant: Tenant, open: readonly Coming[]): Promise<Coming[]> {
  const missing = open.filter((one) => one.missing);
  if (missing.length === 0) return [...open];
  const resources = missing.map((one) => withReplacement(stubOf({ type: "Patient", id: one.id }) as Patient, one.replacement));
  const outcomes = await deps.store.createMissing(tenant, resources);
  for (const [index, one] of missing.entries())
    if (outcomes[index] === "created") deps.parents.learn(tenant, one.id, one.replacement);
  const existed = missing.filter((_, index) => outcomes[index] !== "created");
  return [...open.filter((one) => !one.missing), ...existed.map((one) => ({ ...one, missing: false }))];
}

/** Makes stored Patients give way, where nothing that counts more is stored. Those that somebody else changed meanwhile are returned. */
async function replaceStored(
  deps: WriteDeps,
  tenant: Tenant,
  { some, sheets }: { readonly some: readonly Coming[]; readonly sheets: readonly Sheet[] },
): Promise<Coming[]> {
  const ids = some.map((one) => one.id);
  const stored = new Map((await deps.store.readMany(tenant, "Patient", ids)).map((one) => [one.id, one]));
  const lost = some.filter((one) => !stored.has(one.id)).map((one) => ({ ...one, missing: true }));
  for (const [id = "", patient] of stored) deps.parents.learn(tenant, id, replacementOf(patient));
  const planned = some.flatMap((one) => {
    const patient = stored.get(one.id);
    return patient === undefined ? [] : planMove(tenant, one, patient);
  });
  if (planned.length === 0) return lost;
  const tasks = await deps.moves.open(planned.map((one) => one.move));
  const writes = planned.flatMap((one) => one.write ?? []);
  if (writes.length > 0) {
    const rows = sheets.filter((sheet) => sheet.givingWay.length > 0).map((sheet) => sheet.head);
    const resources = writes.map((write) => write.resource);
    const provenance = provenanceOf(deps.origin, { tenant, resources, rows }, deps.computeId);
    const outcome = await deps.store.commit(tenant, [...writes, { kind: "put", resource: provenance }]);
    if (outcome.kind === "conflict") return [...lost, ...some.filter((one) => stored.has(one.id))];
    deps.ledger.count(sheets[0]?.places[0] ?? 0, "replaced", writes.length);
  }
  for (const { move } of planned) deps.parents.learn(tenant, move.patient, move.replacement);
  await deps.moves.free(tasks);
  return lost;
}

/** What to write, and which resources have to follow; nothing when it is as told already. */
function planMove(
  tenant: Tenant,
  { id, replacement }: Coming,
  patient: Patient,
): { readonly move: PatientMove; readonly write?: Write } | [] {
  const before = replacementOf(patient);
  const move = { tenant: tenant as InstitutionCode, patient: id, replacement };
  if (before === undefined || compareReplacements(replacement, before) > 0) {
    const write = updateOf(patient, withReplacement(patient, replacement));
    return { move: before === undefined ? move : { ...move, before: before.into }, write };
  }
  // Somebody knew better meanwhile; what this run wrote as it was told follows.
  return before.into === replacement.into ? [] : { move: { ...move, replacement: before, before: replacement.into } };
}
