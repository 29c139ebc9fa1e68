import type { FhirStore } from "../../fhir/store.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { priorities } from "../../work/scheduler.ts";
import type { NoticeDeps } from "../notices/open-notice.ts";
import { callbackTask } from "./callback.ts";

/** Opens the call that tells an institution that a source answered after its check; once for each check. Throws `Fault("store-down")`. */
export function createLateCalls(
  deps: NoticeDeps & { readonly store: Pick<FhirStore, "createMissing"> },
): (late: { readonly check: string; readonly institution: InstitutionCode }) => Promise<void> {
  return async ({ check, institution }) => {
    if (!deps.hasCallback(institution)) return;
    const task = callbackTask(deps.suite, { institution, type: "late-answer", about: check, ordinal: 0 }, deps.now());
    const [outcome] = await deps.store.createMissing("DEFAULT", [task]);
    if (outcome === "created") await deps.scheduler.schedule("callback", task.id ?? "", priorities.clinic);
  };
}
