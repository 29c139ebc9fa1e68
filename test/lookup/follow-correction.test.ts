import { describe, expect, it } from "@jest/globals";
import { accessLog } from "../../src/audit/access-log.ts";
import { auditEvent } from "../../src/audit/audit-event.ts";
import { resourceReference } from "../../src/fhir/reference.ts";
import { correctionTask } from "../../src/identity/correction-task.ts";
import type { ResidentId, ResourceId } from "../../src/kernel/brand.ts";
import { followCorrection } from "../../src/lookup/follow-correction.ts";
import { outputTexts } from "../../src/work/task.ts";
import { createMemoryAnswers } from "../fakes/lookup-world.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";
import { noon, person, suite } from "../identity/people.ts";

const [from, to] = ["h-from", "h-to"] as ResidentId[] as [ResidentId, ResidentId];
const { tenant, patientId } = person("a-provincial", "1", {});
const report = (id: string, subject: string) =>
  ({ resourceType: "DiagnosticReport", id, status: "final", code: {}, subject: { reference: `Patient/${subject}` } }) as const;

describe("a link that was wrong", () => {
  it("is followed to every event that showed the record, to both lookups' copies, and into both access logs; once", async () => {
    const store = createMemoryStore();
    const answers = createMemoryAnswers();
    await store.commit(tenant, [
      { kind: "put", resource: report("h-mine", patientId) },
      { kind: "put", resource: report("h-other", "h-somebody") },
    ]);
    const shown = (id: string, what: string) =>
      auditEvent({
        id,
        kind: "disclosure",
        at: noon,
        outcome: "success",
        agent: { client: "c-county", institution: "c-county" },
        resident: from,
        entities: [{ what: resourceReference({ tenant, type: "DiagnosticReport", id: what as ResourceId }) }],
      });
    const task = correctionTask({ local: { tenant, patientId }, from, to }, "7", { suite, at: noon });
    await store.commit("DEFAULT", [
      ...[task, shown("h-seen", "h-mine"), shown("h-fine", "h-other")].map((resource) => ({ kind: "put", resource }) as const),
    ]);
    const deps = { store, suite, answers, now: () => noon };
    await followCorrection(deps, task.id ?? "");
    const done = await store.read("DEFAULT", "Task", task.id ?? "");
    expect(done?.status).toBe("completed");
    expect(done === undefined ? [] : outputTexts(done, "shown")).toEqual(["h-seen"]);
    for (const resident of [from, to]) {
      const { entries } = await accessLog(store, [resident], 10);
      expect(entries.filter((one) => one.kind === "link-corrected")).toMatchObject([{ outcome: "success", shown: [] }]);
    }
    const versions = store.all("DEFAULT").map((one) => one.meta?.versionId);
    await followCorrection(deps, task.id ?? "");
    expect(store.all("DEFAULT").map((one) => one.meta?.versionId)).toEqual(versions);
  });
});
