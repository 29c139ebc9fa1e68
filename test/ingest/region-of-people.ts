import type { DiagnosticReport, Encounter, Patient, Resource, Task } from "@medplum/fhirtypes";
import { createChangeDesk } from "../../src/ingest/change-desk.ts";
import { createLedger } from "../../src/ingest/ledger.ts";
import { createMoveDesk } from "../../src/ingest/move-task.ts";
import { reconsiderMove, runMove } from "../../src/ingest/run-move.ts";
import { mergeAsSheet, toSheet } from "../../src/ingest/to-sheet.ts";
import type { IdentityPort } from "../../src/ingest/write-deps.ts";
import { createSheetWriter } from "../../src/ingest/write-sheets.ts";
import type { ResourceId } from "../../src/kernel/brand.ts";
import type { MappedMerge, MappedSheet, ParentReference, PatientAlias } from "../../src/mapping/mapped.ts";
import { taskKindOf } from "../../src/work/task.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";
import { suite, tenant } from "./sheets.ts";

/** The keys of a person as one row shows them, any of which may be missing. */
export interface Keys {
  readonly card?: string;
  readonly file?: string;
  readonly visit?: string;
}

/** One row of an export (or one message) as a test tells it. */
export type Told =
  | { readonly kind: "report"; readonly id: string; readonly keys: Keys; readonly order?: string }
  | { readonly kind: "visit"; readonly visit: string; readonly keys: Keys; readonly order?: string }
  | { readonly kind: "patient"; readonly keys: Keys; readonly name?: string; readonly order?: string }
  | { readonly kind: "merge"; readonly from: Keys; readonly into: Keys; readonly order: string };

/** `card-1`: the id of the Patient of the best key shown. */
function patientId(keys: Keys): string {
  const [make] = makesOf(keys);
  return `${make}-${keys[make ?? "visit"]}`;
}

function makesOf(keys: Keys): ("card" | "file" | "visit")[] {
  return (["card", "file", "visit"] as const).filter((make) => keys[make] !== undefined);
}

function parentOf(keys: Keys): ParentReference {
  const [make = "visit"] = makesOf(keys);
  return { type: "Patient", id: patientId(keys) as ResourceId, kind: "patient", key: [make, keys[make] ?? ""] };
}

function aliasesOf(keys: Keys): PatientAlias[] {
  if (keys.card === undefined || keys.file === undefined) return [];
  return [{ id: `file-${keys.file}` as ResourceId, key: ["file", keys.file], into: patientId(keys) as ResourceId }];
}

/** What the mapping makes of a told row. */
function mapped(told: Exclude<Told, { kind: "merge" }>): MappedSheet {
  const { keys, order = "1" } = told;
  const encounter: readonly ParentReference[] =
    told.kind === "report" && keys.visit !== undefined
      ? [{ type: "Encounter", id: `visit-${keys.visit}` as ResourceId, kind: "visit", key: [keys.visit] }]
      : [];
  const resource = resourceOf(told);
  const digest = JSON.stringify(told);
  return {
    tenant,
    head: `${resource.resourceType}/${resource.id}`,
    order,
    mapping: "test/people@1",
    generation: 1,
    members: [{ resource, kind: told.kind, digest, state: "present", file: `${told.kind}.csv`, line: 1 }],
    parents: told.kind === "patient" ? [] : [parentOf(keys), ...encounter],
    aliases: aliasesOf(keys),
    ...(told.kind === "patient" ? { person: { patientId: patientId(keys) as ResourceId } } : {}),
  };
}

function resourceOf(told: Exclude<Told, { kind: "merge" }>): Resource {
  const subject = { reference: `Patient/${patientId(told.keys)}` };
  if (told.kind === "patient")
    return {
      resourceType: "Patient",
      id: patientId(told.keys),
      active: true,
      name: [{ text: told.name ?? "测试" }],
    } satisfies Patient;
  if (told.kind === "visit")
    return {
      resourceType: "Encounter",
      id: `visit-${told.visit}`,
      status: "finished",
      class: { code: "AMB" },
      subject,
    } satisfies Encounter;
  const encounter = told.keys.visit === undefined ? {} : { encounter: { reference: `Encounter/visit-${told.keys.visit}` } };
  const made: DiagnosticReport = {
    resourceType: "DiagnosticReport",
    id: told.id,
    status: "final",
    code: { text: told.order ?? "1" },
    subject,
    ...encounter,
  };
  return made;
}

function mergeOf(told: Extract<Told, { kind: "merge" }>): MappedMerge {
  const end = (keys: Keys) => ({ id: patientId(keys) as ResourceId, key: parentOf(keys).key });
  const place = { file: "adt.hl7", line: 1, mapping: "test/merge@1" };
  return { tenant, from: end(told.from), into: end(told.into), order: told.order, digest: JSON.stringify(told), ...place };
}

/** A region of one institution whose people are known by several keys. */
export interface RegionOfPeople {
  readonly store: MemoryStore;
  /** Every move identity was told of: `from into`. */
  readonly moves: string[];
  deliver(told: readonly Told[], name: string): Promise<Readonly<Record<string, number>>>;
  /** Works through the moves that are open. */
  settle(): Promise<void>;
  /** What is stored, without Provenance and versions. */
  clinical(): Resource[];
}

/** An empty region. Its store refuses a resource that refers to one that is not there, as HAPI does. */
export function createRegionOfPeople(): RegionOfPeople {
  const store = createMemoryStore();
  const moves: string[] = [];
  const now = () => new Date(0);
  const scheduler = { schedule: async () => undefined };
  const identity: IdentityPort = {
    seal: (patient) => patient,
    link: async (people) => people.map(() => ({ kind: "linked" })),
    moved: async ({ from, into }) => void moves.push(`${from} ${into}`),
  };
  store.beforeCommit((to, writes) => {
    if (to === "DEFAULT") return;
    const there = new Set(
      [...store.all(to), ...writes.map((write) => write.resource)].map((one) => `${one.resourceType}/${one.id}`),
    );
    for (const { resource } of writes)
      for (const [, reference = ""] of JSON.stringify(resource).matchAll(/"reference":"([^"]*)"/g))
        if (!there.has(reference))
          throw new Error(`${resource.resourceType}/${resource.id} refers to ${reference}, which is not stored`);
  });
  const tasks = () =>
    store.all("DEFAULT").filter((one): one is Task => one.resourceType === "Task" && taskKindOf(one) === "patient-move");
  return {
    store,
    moves,
    async deliver(told, name) {
      const ledger = createLedger();
      const origin = {
        feed: "test",
        supplier: "a-his",
        acceptedAt: "2026-01-01T00:00:00.000Z",
        files: new Map(),
        exportId: name,
      };
      const desk = createMoveDesk({ store, scheduler, suite, now }, "h0");
      const changes = createChangeDesk({ store, scheduler, suite, now }, "h0");
      const limits = { entries: 4, inFlight: 3 };
      const parts = { store, identity, computeId: suite.computeId, origin, ledger, limits, moves: desk, changes };
      const writer = createSheetWriter(
        { ...parts, proveWritable: async () => undefined, reissuing: async () => undefined },
        false,
      );
      for (const [index, one] of told.entries())
        await writer.write(one.kind === "merge" ? mergeAsSheet(mergeOf(one), index + 1) : toSheet(mapped(one), index + 1));
      await writer.finish();
      return ledger.progress().counts;
    },
    async settle() {
      for (const task of tasks()) {
        if (task.status === "on-hold") await reconsiderMove({ store, scheduler, now }, task);
        await runMove({ store, scheduler, identity, now }, task.id ?? "");
      }
    },
    clinical: () =>
      store
        .all(tenant)
        .filter((one) => one.resourceType !== "Provenance")
        .map(({ meta: _, ...rest }) => rest as Resource)
        .sort((a, b) => (`${a.resourceType}/${a.id}` < `${b.resourceType}/${b.id}` ? -1 : 1)),
  };
}
