import { describe, expect, it } from "@jest/globals";
import { accessLog } from "../../src/audit/access-log.ts";
import { auditEvent } from "../../src/audit/audit-event.ts";
import { recordAudit } from "../../src/audit/record-audit.ts";
import { resourceReference } from "../../src/fhir/reference.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../../src/kernel/brand.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";

const resident = "h-resident" as ResidentId;
const report = (tenant: string, id: string) =>
  resourceReference({ tenant: tenant as InstitutionCode, type: "DiagnosticReport", id: id as ResourceId });
const disclosure = (id: string, at: string) =>
  auditEvent({
    id,
    kind: "disclosure",
    at: new Date(at),
    outcome: "success",
    agent: { client: "c-county", institution: "c-county", practitioner: { id: "d-007", role: "doctor" } },
    resident,
    purpose: "TREAT",
    entities: [
      { what: report("a-provincial", "h1"), detail: { version: "2" } },
      { what: report("a-provincial", "h2"), detail: { version: "1" } },
      { what: report("b-central", "h3"), detail: { version: "1" } },
    ],
  });

describe("who looked", () => {
  it("shows the resident who, when, why and whose records, newest first", async () => {
    const store = createMemoryStore();
    await recordAudit(store, [disclosure("h-1", "2026-11-20T08:00:00Z"), disclosure("h-2", "2026-11-20T09:00:00Z")]);
    const log = await accessLog(store, [resident], 100);
    expect(log.entries.map((entry) => entry.at)).toEqual(["2026-11-20T09:00:00.000Z", "2026-11-20T08:00:00.000Z"]);
    expect(log.entries[0]).toEqual({
      at: "2026-11-20T09:00:00.000Z",
      kind: "disclosure",
      outcome: "success",
      institution: "c-county",
      practitioner: "c-county/d-007",
      purpose: "TREAT",
      shown: [
        { institution: "a-provincial", count: 2 },
        { institution: "b-central", count: 1 },
      ],
    });
  });
  it("shows nothing of another resident", async () => {
    const store = createMemoryStore();
    await recordAudit(store, [disclosure("h-1", "2026-11-20T08:00:00Z")]);
    expect((await accessLog(store, ["h-other" as ResidentId], 100)).entries).toEqual([]);
  });
  it("stores an event once, however often it is told, and the new one beside it", async () => {
    const store = createMemoryStore();
    await recordAudit(store, [disclosure("h-1", "2026-11-20T08:00:00Z")]);
    await recordAudit(store, [disclosure("h-1", "2026-11-20T08:30:00Z"), disclosure("h-2", "2026-11-20T09:00:00Z")]);
    expect(store.versionOf("DEFAULT", "AuditEvent", "h-1")).toBe(1);
    expect(store.versionOf("DEFAULT", "AuditEvent", "h-2")).toBe(1);
  });
});
