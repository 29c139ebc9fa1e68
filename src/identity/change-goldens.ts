import type { AuditEvent, Patient, Task } from "@medplum/fhirtypes";
import type { FhirStore, Write } from "../fhir/store.ts";
import type { ResidentId } from "../kernel/brand.ts";
import { type Now, pause } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import { Fault } from "../kernel/fault.ts";
import { newGolden } from "./golden-patient.ts";
import { readGoldens } from "./resident.ts";

/** What changing goldens needs. */
export interface GoldenDeps {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly now: Now;
  /** Uniform in [0, 1), for jitter. */
  readonly random?: () => number;
}

/** What one change makes of the goldens it was shown, with what is committed beside them. `undefined` = there is nothing to do. */
export type Change = (
  goldens: ReadonlyMap<ResidentId, Patient>,
) => { readonly goldens: readonly Patient[]; readonly beside: readonly (Task | AuditEvent)[] } | undefined;

/** How often a change is planned again because somebody else changed one of its goldens. */
const rounds = 10;

/**
 * Changes several goldens in one DEFAULT transaction under If-Match on each: all of it or nothing. `make`: goldens that are first made,
 * empty and create-only, when they are missing; `asTheyAre`: one that gave way is read itself, not the one that stands for it. A lost race is met with a fresh reading. False when there was nothing to do.
 * Throws `Fault("store-down")`, also when they stay contended.
 */
export async function changeGoldens(
  deps: GoldenDeps,
  which: { readonly read: readonly ResidentId[]; readonly make?: readonly ResidentId[]; readonly asTheyAre?: boolean },
  change: Change,
): Promise<boolean> {
  if (which.make !== undefined && which.make.length > 0)
    await deps.store.createMissing(
      "DEFAULT",
      which.make.map((id) => newGolden(id)),
    );
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await pause((deps.random ?? Math.random)() * 20 * 2 ** Math.min(round, 5));
    const goldens =
      which.asTheyAre === true ? await readThemselves(deps.store, which.read) : await readGoldens(deps.store, which.read);
    const changed = change(goldens);
    if (changed === undefined) return false;
    const versions = new Map([...goldens.values()].map((golden) => [golden.id, golden.meta?.versionId ?? ""]));
    const updates = changed.goldens.map(({ meta: _meta, ...resource }): Write => {
      const ifMatch = versions.get(resource.id);
      // An update of what was not read would create it.
      if (ifMatch === undefined) throw new TypeError("a golden Patient is changed that was not read");
      return { kind: "update", resource, ifMatch };
    });
    // In the order of their ids, so that two changes of the same goldens wait for each other rather than lock each other out.
    updates.sort((a, b) => ((a.resource.id ?? "") < (b.resource.id ?? "") ? -1 : 1));
    const beside = changed.beside.map((resource): Write => ({ kind: "put", resource }));
    if ((await deps.store.commit("DEFAULT", [...updates, ...beside])).kind === "committed") return true;
  }
  throw new Fault("store-down", {
    detail: "Golden Patients could not be changed because others kept changing them; try again.",
  });
}

async function readThemselves(store: FhirStore, ids: readonly ResidentId[]): Promise<Map<ResidentId, Patient>> {
  const goldens = await store.readMany("DEFAULT", "Patient", ids);
  return new Map(goldens.map((golden) => [golden.id as ResidentId, golden]));
}
