import { beforeEach, describe, expect, it } from "@jest/globals";
import type { AuditEvent, Task } from "@medplum/fhirtypes";
import { type AcceptDeps, acceptExport } from "../../src/ingest/accept-export.ts";
import type { IngestDeps, MappingRun } from "../../src/ingest/ingest-deps.ts";
import type { ExportIssue } from "../../src/ingest/issue-list.ts";
import { exportIssues, exportState } from "../../src/ingest/report.ts";
import { runIngest } from "../../src/ingest/run-ingest.ts";
import { Fault } from "../../src/kernel/fault.ts";
import type { MappedSheet, RowIssue } from "../../src/mapping/mapped.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";
import { createMemoryLanding } from "./memory-landing.ts";
import { patientSheet, reportSheet, suite, tenant } from "./sheets.ts";

let store: MemoryStore;
let landing: ReturnType<typeof createMemoryLanding>;
let queued: string[];
let clock: number;
const now = () => new Date(clock);

beforeEach(() => {
  store = createMemoryStore();
  landing = createMemoryLanding();
  queued = [];
  clock = Date.parse("2026-11-18T00:00:00Z");
});

const acceptDeps = (): AcceptDeps => ({
  store,
  landing,
  suite,
  now,
  scheduler: { schedule: async (_, id) => void queued.push(id) },
  isFeed: (feed) => feed === "a-tb",
});

async function* file(name: string, text: string) {
  yield { name, content: bytes(text) };
}
async function* bytes(text: string) {
  yield Buffer.from(text);
}

/** A mapping made of lines: `p x` a patient, `r x` a report with two rows, `! x` an issue. */
function lineMapping(text: string, seen: { events: number } = { events: 0 }): MappingRun {
  const issues: Record<string, number> = {};
  async function* events() {
    for (const [index, line] of text.split("\n").entries()) {
      const [kind, name = ""] = line.split(" ");
      seen.events++;
      if (kind === "!") {
        issues.syntax = (issues.syntax ?? 0) + 1;
        const issue: RowIssue = { severity: "error", code: "syntax", file: "x.csv", line: index + 1, reason: `=wrong ${name}` };
        yield { kind: "issue" as const, issue };
      } else yield { kind: "sheet" as const, sheet: sheetOf(kind ?? "", name, index + 1) };
    }
  }
  const report = () => ({ rows: {}, unmappedColumns: [], unusedColumns: [], tableMisses: [], issues });
  return { events: events(), report };
}

function sheetOf(kind: string, name: string, line: number): MappedSheet {
  if (kind === "p") return patientSheet({ patient: name });
  return reportSheet({ report: name, patient: "one", rows: [{ row: `${name}-1` }, { row: `${name}-2` }] }, line);
}

const ingestDeps = (more: Partial<IngestDeps> = {}): IngestDeps => ({
  store,
  scheduler: { schedule: async (_, id) => void queued.push(id) },
  landing,
  suite,
  now,
  identity: { seal: (patient) => patient, link: async (people) => people.map(() => ({ kind: "linked" })) },
  mapExport: (feed, [only]) => (feed === "a-tb" && only ? fromFile(only) : undefined),
  limits: { entries: 10, inFlight: 3, checkpointMs: 10_000, giveBackMs: 0 },
  ...more,
});

function fromFile(only: { open(): AsyncIterable<Uint8Array> }): MappingRun {
  let run: MappingRun | undefined;
  async function* events() {
    let text = "";
    for await (const chunk of only.open()) text += Buffer.from(chunk).toString();
    run = lineMapping(text);
    yield* run.events;
  }
  return { events: events(), report: () => run?.report() as ReturnType<MappingRun["report"]> };
}

async function accepted(text: string, more: { idempotencyKey?: string } = {}): Promise<string> {
  const outcome = await acceptExport(acceptDeps(), { client: "a-his", feed: "a-tb", files: file("x.csv", text), ...more });
  if (outcome.kind !== "accepted") throw new Error(outcome.kind);
  return outcome.id;
}
const task = async (id: string) => (await store.read("DEFAULT", "Task", id)) as Task;
const state = (id: string) => exportState({ store, landing }, { client: "a-his", id });

async function issuesOf(id: string): Promise<ExportIssue[]> {
  const issues: ExportIssue[] = [];
  for await (const issue of (await exportIssues({ store, landing }, { client: "a-his", id })) ?? []) issues.push(issue);
  return issues;
}

describe("accepting an export", () => {
  it("stores the file, then the Task, then queues it", async () => {
    const id = await accepted("p one");
    expect(queued).toEqual([id]);
    expect([...landing.files.values()].map(String)).toEqual(["p one"]);
    expect(await state(id)).toEqual({
      id,
      feed: "a-tb",
      status: "waiting",
      receivedAt: "2026-11-18T00:00:00.000Z",
      files: [{ name: "x.csv", bytes: 5 }],
    });
  });

  it("takes the same content for the same export, and a key with other content for a conflict", async () => {
    expect(await accepted("p one")).toBe(await accepted("p one"));
    expect(queued).toHaveLength(1);
    await accepted("p one", { idempotencyKey: "k" });
    const again = await acceptExport(acceptDeps(), {
      client: "a-his",
      feed: "a-tb",
      files: file("x.csv", "p two"),
      idempotencyKey: "k",
    });
    expect(again).toEqual({ kind: "conflict" });
  });

  it("opens a new Task for content whose Task had failed", async () => {
    const id = await accepted("p one");
    await runIngest(ingestDeps({ mapExport: () => undefined }), id);
    expect((await task(id)).status).toBe("failed");
    expect(await accepted("p one")).not.toBe(id);
  });

  it.each`
    said                       | feed      | files
    ${"a feed nobody maps"}    | ${"none"} | ${["x"]}
    ${"no file at all"}        | ${"a-tb"} | ${[]}
    ${"two files of one name"} | ${"a-tb"} | ${["x", "x"]}
  `("refuses $said with its reason", async ({ feed, files }) => {
    async function* all() {
      for (const name of files as string[]) yield { name, content: bytes("p one") };
    }
    expect(await acceptExport(acceptDeps(), { client: "a-his", feed: String(feed), files: all() })).toMatchObject({
      kind: "wrong",
    });
    expect(store.all("DEFAULT")).toEqual([]);
  });

  it("accepts nothing when the store or the landing folder is down", async () => {
    store.down();
    await expect(accepted("p one")).rejects.toMatchObject({ code: "store-down" });
    store.up();
    landing.fail = true;
    await expect(accepted("p one")).rejects.toMatchObject({ code: "landing-failed" });
    expect(queued).toEqual([]);
  });
});

describe("working an export through", () => {
  it("writes it, closes the Task with its counts, and audits it once", async () => {
    const id = await accepted("p one\nr a\n! x\nr b");
    await runIngest(ingestDeps(), id);
    expect(await state(id)).toMatchObject({
      status: "completed",
      counts: { created: 7, linked: 1, issues: 1 },
      report: { issues: { syntax: 1 } },
    });
    const audits = store.all("DEFAULT").filter((one): one is AuditEvent => one.resourceType === "AuditEvent");
    expect(audits).toHaveLength(1);
    expect(audits[0]?.entity?.[0]?.detail).toContainEqual({ type: "created", valueString: "7" });
  });

  it("gives every issue back, to the client that delivered and to no other", async () => {
    const id = await accepted(Array.from({ length: 1_234 }, (_, n) => `! ${n}`).join("\n"));
    await runIngest(ingestDeps(), id);
    const read = await issuesOf(id);
    expect(read).toHaveLength(1_234);
    expect(read[7]).toEqual({ severity: "error", code: "syntax", file: "x.csv", line: 8, reason: "=wrong 7" });
    expect(await exportIssues({ store, landing }, { client: "b-platform", id })).toBeUndefined();
    expect(await exportState({ store, landing }, { client: "b-platform", id })).toBeUndefined();
  });

  it("does nothing twice: a finished Task stays as it is", async () => {
    const id = await accepted("p one");
    await runIngest(ingestDeps(), id);
    const before = store.requests.length;
    await runIngest(ingestDeps(), id);
    expect(store.requests.slice(before)).toEqual(["read DEFAULT Task"]);
  });

  it("gives the attempt back when the store goes away, and goes on from its checkpoint", async () => {
    const id = await accepted(["p one", ...Array.from({ length: 30 }, (_, n) => `r ${n}`)].join("\n"));
    let commits = 0;
    store.beforeCommit((to) => {
      clock += 3_000;
      if (to === tenant && ++commits === 8) throw new Fault("store-down");
    });
    await expect(runIngest(ingestDeps(), id)).rejects.toMatchObject({ code: "store-down" });
    expect(await task(id)).toMatchObject({ status: "requested" });
    const halfway = await state(id);
    expect(halfway?.progress?.sheets).toBeGreaterThan(0);
    store.beforeCommit(undefined);
    await runIngest(ingestDeps(), id);
    expect(await state(id)).toMatchObject({ status: "completed" });
    const { created = 0, unchanged = 0 } = (await state(id))?.counts ?? {};
    expect(created + unchanged).toBe(91);
    expect(store.all(tenant).filter((one) => one.resourceType !== "Provenance")).toHaveLength(91);
    expect(store.all(tenant).every((one) => one.meta?.versionId === "1")).toBe(true);
  });

  it("begins again when another mapping was activated since the checkpoint: its sheets stand in other places", async () => {
    const lines = Array.from({ length: 30 }, (_, n) => `r ${n}`);
    const id = await accepted(["p one", ...lines].join("\n"));
    const mappedBy = (mapping: string, skipped: number): Partial<IngestDeps> => ({
      mapExport: () => ({ ...lineMapping(["p one", ...lines.slice(skipped)].join("\n")), mapping }),
    });
    let commits = 0;
    store.beforeCommit((to) => {
      clock += 3_000;
      if (to === tenant && ++commits === 8) throw new Fault("store-down");
    });
    await expect(runIngest(ingestDeps(mappedBy("report@1", 8)), id)).rejects.toMatchObject({ code: "store-down" });
    store.beforeCommit(undefined);
    // The old mapping made nothing of 8 lines; the new one makes reports of them, in the places where it had counted others.
    await runIngest(ingestDeps(mappedBy("report@2", 0)), id);
    expect(store.all(tenant).filter((one) => one.resourceType === "DiagnosticReport")).toHaveLength(30);
  });

  it("keeps what the store refused before a checkpoint, and does not tell it twice", async () => {
    const id = await accepted(["p one", ...Array.from({ length: 30 }, (_, n) => `r ${n}`)].join("\n"));
    let commits = 0;
    store.beforeCommit((to, writes) => {
      clock += 3_000;
      if (to === tenant && ++commits === 14) throw new Fault("store-down");
      if (writes.some((write) => write.resource.id === "1-2")) throw new Fault("store-refused");
    });
    await expect(runIngest(ingestDeps(), id)).rejects.toMatchObject({ code: "store-down" });
    commits = 100;
    await runIngest(ingestDeps(), id);
    const read = await issuesOf(id);
    expect(read).toMatchObject([{ code: "store-refused", file: "result.csv", line: 3 }]);
    expect(await state(id)).toMatchObject({ counts: { refused: 1, issues: 1 } });
  });

  it("stops when another worker took the Task over, and leaves the Task to it", async () => {
    const id = await accepted(["p one", ...Array.from({ length: 30 }, (_, n) => `r ${n}`)].join("\n"));
    store.beforeCommit(async (to) => {
      clock += 6_000;
      if (to !== tenant) return;
      store.beforeCommit(undefined);
      const stored = await task(id);
      await store.commit("DEFAULT", [{ kind: "put", resource: { ...stored, note: [{ text: "another worker" }] } }]);
      clock += 60_000;
    });
    await expect(runIngest(ingestDeps(), id)).rejects.toMatchObject({ code: "work-lost" });
    expect((await task(id)).status).toBe("in-progress");
  });

  it("stops when it is told to, and its attempt does not count", async () => {
    const id = await accepted("p one\nr a");
    const stop = new AbortController();
    stop.abort();
    await expect(runIngest(ingestDeps(), id, stop.signal)).rejects.toBeInstanceOf(Fault);
    expect(await task(id)).toMatchObject({ status: "requested" });
  });

  it("fails for good, with a reason, when no mapping of the feed is loaded any more", async () => {
    const id = await accepted("p one");
    await runIngest(ingestDeps({ mapExport: () => undefined }), id);
    expect(await state(id)).toMatchObject({ status: "failed", reason: "feed-unknown" });
  });

  it("fails, and tries again, when its raw file is damaged", async () => {
    const id = await accepted("p one");
    landing.files.clear();
    await expect(runIngest(ingestDeps(), id)).rejects.toMatchObject({ code: "landing-failed" });
    expect((await task(id)).status).toBe("in-progress");
  });
});
