import { beforeAll, describe, expect, it } from "@jest/globals";
import type { AuditEvent, Task } from "@medplum/fhirtypes";
import { auditEvent } from "../../src/audit/audit-event.ts";
import { residentReference } from "../../src/fhir/reference.ts";
import type { FhirStore } from "../../src/fhir/store.ts";
import type { ResidentId, ResourceId } from "../../src/kernel/brand.ts";
import { type Claimed, checkpointTask, claimTask, closeTask, giveBackTask } from "../../src/work/claim-task.ts";
import { openTask } from "../../src/work/open-task.ts";
import { attemptOf, maxAttempts, outputText, taskCode, textField } from "../../src/work/task.ts";

const noon = new Date("2026-11-20T12:00:00Z");

/** The life of a Task on a store, whichever it is. */
export function describeWork(
  name: string,
  prepare: () => Promise<{ store: FhirStore; id: (name: string) => ResourceId }>,
): void {
  describe(`the life of a Task: ${name}`, () => {
    let store: FhirStore;
    let id: (name: string) => ResourceId;
    beforeAll(async () => {
      ({ store, id } = await prepare());
    }, 120_000);

    const aTask = (name: string, category = "lab"): Task => ({
      resourceType: "Task",
      id: id(name),
      status: "requested",
      intent: "order",
      code: taskCode("lookup"),
      for: residentReference("h-resident" as ResidentId),
      input: [textField("category", category)],
    });
    const anAudit = (name: string): AuditEvent =>
      auditEvent({
        id: id(`audit-${name}`),
        kind: "lookup-accepted",
        at: noon,
        outcome: "success",
        agent: { client: "c-county" },
      });
    const open = (name: string, category?: string) => openTask(store, { task: aTask(name, category), audit: [anAudit(name)] });
    const claimed = (claim: Claimed) => {
      if (claim.kind !== "claimed") throw new Error(`not claimed: ${claim.kind}`);
      return claim;
    };

    it("opens once: the same request again finds its Task, another request under the same id is a conflict", async () => {
      expect((await open("once")).kind).toBe("opened");
      expect((await open("once")).kind).toBe("existed");
      expect((await open("once", "imaging")).kind).toBe("conflict");
    });

    it("is written together with its audit", async () => {
      await open("audited");
      expect(await store.read("DEFAULT", "AuditEvent", id("audit-audited"))).toMatchObject({ outcome: "0" });
    });

    it("gives a Task to exactly one of eight workers that claim it at once", async () => {
      await open("raced");
      const claims = await Promise.all(Array.from({ length: 8 }, () => claimTask(store, id("raced"), noon)));
      expect(claims.filter((claim) => claim.kind === "claimed").length).toBeGreaterThanOrEqual(1);
      const fences = claims.flatMap((claim) => (claim.kind === "claimed" ? [claim.fence] : []));
      expect(new Set(fences).size).toBe(fences.length);
      const stored = await store.read("DEFAULT", "Task", id("raced"));
      expect(fences).toContain(stored?.meta?.versionId);
    });

    it("fences a worker out whose Task was taken over: its closing and its audit never show", async () => {
      await open("fenced");
      const zombie = claimed(await claimTask(store, id("fenced"), noon));
      const owner = claimed(await claimTask(store, id("fenced"), noon));
      const close = (claim: typeof owner, who: string) =>
        closeTask(
          store,
          claim,
          { status: "completed", outputs: [textField("by", who)], audit: [anAudit(`close-${who}`)] },
          noon,
        );
      await expect(close(zombie, "zombie")).rejects.toMatchObject({ code: "work-lost" });
      await close(owner, "owner");
      expect(await store.read("DEFAULT", "AuditEvent", id("audit-close-zombie"))).toBeUndefined();
      expect(outputText((await store.read("DEFAULT", "Task", id("fenced"))) as Task, "by")).toBe("owner");
    });

    it("keeps its checkpoint for whoever takes it over", async () => {
      await open("checkpointed");
      const first = claimed(await claimTask(store, id("checkpointed"), noon));
      await checkpointTask(store, first, [textField("line", "500")], noon);
      const second = claimed(await claimTask(store, id("checkpointed"), noon));
      expect(outputText(second.task, "line")).toBe("500");
      await expect(checkpointTask(store, first, [textField("line", "900")], noon)).rejects.toMatchObject({ code: "work-lost" });
    });

    it("does not count an attempt that was given back", async () => {
      await open("returned");
      await giveBackTask(store, claimed(await claimTask(store, id("returned"), noon)), noon);
      expect(attemptOf(claimed(await claimTask(store, id("returned"), noon)).task)).toBe(1);
    });

    it("becomes a dead letter at the start after its last attempt", async () => {
      await open("dead");
      for (let attempt = 1; attempt <= maxAttempts; attempt += 1) claimed(await claimTask(store, id("dead"), noon));
      expect((await claimTask(store, id("dead"), noon)).kind).toBe("given-up");
      expect(await store.read("DEFAULT", "Task", id("dead"))).toMatchObject({
        status: "failed",
        statusReason: { text: "attempts-exhausted" },
      });
      expect((await claimTask(store, id("dead"), noon)).kind).toBe("finished");
    });

    it("never creates a Task by claiming one that does not exist", async () => {
      expect((await claimTask(store, id("nobody"), noon)).kind).toBe("missing");
      expect(await store.read("DEFAULT", "Task", id("nobody"))).toBeUndefined();
    });
  });
}
