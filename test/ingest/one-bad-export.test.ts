import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Task } from "@medplum/fhirtypes";
import { acceptExport } from "../../src/ingest/accept-export.ts";
import { createFeedTurns } from "../../src/ingest/feed-turns.ts";
import type { IngestDeps } from "../../src/ingest/ingest-deps.ts";
import type { ExportIssue } from "../../src/ingest/issue-list.ts";
import { exportIssues, exportState } from "../../src/ingest/report.ts";
import { runIngest } from "../../src/ingest/run-ingest.ts";
import { pause } from "../../src/kernel/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import { createMemoryStore, type MemoryStore } from "../fakes/memory-store.ts";
import { type Line, linesText, mapLines } from "./joined-lines.ts";
import { createMemoryLanding } from "./memory-landing.ts";
import { suite, tenant } from "./sheets.ts";

let store: MemoryStore;
let landing: ReturnType<typeof createMemoryLanding>;
const scheduler = { schedule: async () => undefined };
const now = () => new Date();

beforeEach(() => {
  store = createMemoryStore();
  landing = createMemoryLanding();
});

const deps = (more: Partial<IngestDeps> = {}): IngestDeps => ({
  ...{ store, landing, suite, now, scheduler, mapExport: mapLines },
  identity: { seal: (patient) => patient, link: async (people) => people.map(() => ({ kind: "linked" })) },
  limits: { entries: 10, inFlight: 3, checkpointMs: 10_000, giveBackMs: 0 },
  ...more,
});

async function accept(feed: string, lines: readonly Line[]): Promise<string> {
  async function* files() {
    yield {
      name: "x.csv",
      content: (async function* () {
        yield Buffer.from(linesText(lines));
      })(),
    };
  }
  const outcome = await acceptExport(
    { ...{ store, landing, suite, now, scheduler }, isFeed: () => true },
    { client: "c", feed, files: files() },
  );
  if (outcome.kind !== "accepted") throw new Error(outcome.kind);
  return outcome.id;
}

const report = (name: string): Line[] => [{ head: name }, { row: `${name}-1`, of: name }, { row: `${name}-2`, of: name }];
const reports = (count: number) => Array.from({ length: count }, (_, n) => report(`r${n}`)).flat();
const clinical = () => store.all(tenant).filter((one) => one.resourceType !== "Provenance");
async function issuesOf(id: string): Promise<ExportIssue[]> {
  const list: ExportIssue[] = [];
  for await (const issue of (await exportIssues({ store, landing }, { id })) ?? []) list.push(issue);
  return list;
}

describe("content on which the store fails every time", () => {
  const failing = (id: string) =>
    store.beforeCommit((_, writes) => {
      if (writes.some((write) => write.resource.id === id))
        throw new Fault("store-down", { problems: [{ field: "status", reason: "500" }] });
    });

  it("becomes one issue; all the rest is stored, and the export ends", async () => {
    failing("r3-2");
    const id = await accept("a", reports(8));
    await runIngest(deps(), id);
    expect(await exportState({ store, landing }, { id })).toMatchObject({
      status: "completed",
      counts: { refused: 1, issues: 1 },
    });
    expect(await issuesOf(id)).toMatchObject([{ code: "store-failed", file: "x.csv", element: "Observation" }]);
    expect(clinical()).toHaveLength(8 * 3); // 24 resources without the one, and the Patient's stub
  }, 20_000);

  it("is no reason to give anything up while the store takes nothing else either", async () => {
    const id = await accept("a", reports(2));
    store.beforeCommit((to, writes) => {
      const isClaim = writes.some(
        ({ resource }) =>
          resource.resourceType === "Task" &&
          JSON.stringify(resource).includes('"attempt"') &&
          !JSON.stringify(resource).includes('"progress"'),
      );
      if (to !== "DEFAULT" || !isClaim) throw new Fault("store-down", { problems: [{ field: "status", reason: "500" }] });
    });
    await expect(runIngest(deps(), id)).rejects.toMatchObject({ code: "store-down" });
    store.beforeCommit(undefined);
    expect((await store.read("DEFAULT", "Task", id)) as Task).toMatchObject({ status: "requested" });
    await runIngest(deps(), id);
    expect(await exportState({ store, landing }, { id })).toMatchObject({ status: "completed", counts: { created: 6 } });
  });
});

describe("a resource that is not what its profile allows", () => {
  const check: IngestDeps["check"] = (resource) =>
    resource.id === "r1-1" || resource.id === "r2"
      ? [{ element: `${resource.resourceType}.code`, reason: "Missing required property" }]
      : [];

  it("becomes an issue with element and reason; the sheet's other rows go on, and its head does not name it", async () => {
    const id = await accept("a", reports(2));
    await runIngest(deps({ check }), id);
    expect(await issuesOf(id)).toMatchObject([
      {
        severity: "error",
        code: "invalid-resource",
        file: "x.csv",
        line: 5,
        element: "Observation.code",
        reason: "Missing required property",
        mapping: "test/report@1",
      },
    ]);
    expect(clinical().find((one) => one.id === "r1")).toMatchObject({ result: [{ reference: "Observation/r1-2" }] });
    expect(await exportState({ store, landing }, { id })).toMatchObject({ counts: { created: 5, invalid: 1, issues: 1 } });
  });

  it("takes its sheet with it when it is the head, and each row is told", async () => {
    const id = await accept("a", [...report("r1"), ...report("r2")]);
    await runIngest(deps({ check }), id);
    expect((await issuesOf(id)).map(({ code, line }) => `${code} ${line}`)).toEqual([
      "invalid-resource 2",
      "invalid-resource 4",
      "sheet-failed 5",
      "sheet-failed 6",
    ]);
    expect(
      clinical()
        .map((one) => one.id)
        .sort(),
    ).toEqual(["p", "r1", "r1-2"]);
  });

  it("is told once, however often the run is taken up again", async () => {
    const id = await accept("a", reports(20));
    let commits = 0;
    store.beforeCommit((to) => {
      if (to === tenant && ++commits === 5) throw new Fault("store-down");
    });
    const limits = { entries: 10, inFlight: 1, checkpointMs: 0, giveBackMs: 0 };
    await expect(runIngest(deps({ check, limits }), id)).rejects.toMatchObject({ code: "store-down" });
    await runIngest(deps({ check, limits }), id);
    expect((await issuesOf(id)).map(({ code, line }) => `${code} ${line}`)).toEqual([
      "invalid-resource 5",
      "invalid-resource 7",
      "sheet-failed 8",
      "sheet-failed 9",
    ]);
  });
});

describe("a store that slows down", () => {
  it("slows the mapping down with it: no more is mapped than is on its way", async () => {
    const id = await accept("a", reports(400));
    let mappedSheets = 0;
    let storedSheets = 0;
    let most = 0;
    store.beforeCommit(async (to) => {
      if (to === tenant) await pause(3);
    });
    const { commit } = store;
    Object.assign(store, {
      commit: async (...args: Parameters<typeof commit>) => {
        const outcome = await commit(...args);
        if (args[0] === tenant)
          storedSheets += args[1].filter((write) => write.resource.resourceType === "DiagnosticReport").length;
        return outcome;
      },
    });
    const mapExport: IngestDeps["mapExport"] = (feed, files, options) => {
      const run = mapLines(feed, files, options);
      async function* events(): AsyncGenerator<typeof run.events extends AsyncIterable<infer E> ? E : never> {
        for await (const event of run.events) {
          mappedSheets++;
          most = Math.max(most, mappedSheets - storedSheets);
          yield event;
        }
      }
      return { ...run, events: events() };
    };
    await runIngest(deps({ mapExport }), id);
    expect(await exportState({ store, landing }, { id })).toMatchObject({ status: "completed", counts: { created: 1200 } });
    // Three sheets fit a transaction of ten; three are under way, three more wait prepared, one is being filled.
    expect(most).toBeLessThanOrEqual(3 * 8);
  }, 30_000);
});

describe("the turns of feeds", () => {
  it("leave a place for another feed, however much one has", async () => {
    const turns = createFeedTurns(2, 20);
    const [first, second] = [await turns.take("a"), await turns.take("a")];
    expect(await turns.take("a")).toBeUndefined();
    expect(await turns.take("b")).toBeDefined();
    const waiting = turns.take("a");
    first?.();
    const third = await waiting;
    expect(third).toBeDefined();
    second?.();
    third?.();
    expect(await Promise.all([turns.take("a"), turns.take("a")])).toEqual([expect.any(Function), expect.any(Function)]);
  });

  it("let an export of another feed through while slow ones hold all the places of theirs", async () => {
    const turns = createFeedTurns(1, 10);
    const slow = await accept("slow", reports(30));
    const next = await accept("slow", reports(31));
    const quick = await accept("quick", report("q"));
    store.beforeCommit(async (to, writes) => {
      if (to === tenant && !JSON.stringify(writes).includes('"q-1"')) await pause(20);
    });
    const running = runIngest(deps({ turns }), slow);
    await pause(30);
    await runIngest(deps({ turns }), next); // not its turn
    await runIngest(deps({ turns }), quick);
    const statusOf = async (id: string) => (await exportState({ store, landing }, { id }))?.status;
    expect([await statusOf(slow), await statusOf(next), await statusOf(quick)]).toEqual(["running", "waiting", "completed"]);
    await running;
    await runIngest(deps({ turns }), next);
    expect(await statusOf(next)).toBe("completed");
  });

  it("a run that fails gives its place back", async () => {
    const turns = createFeedTurns(1, 10);
    const id = await accept("a", report("r"));
    landing.files.clear();
    await expect(runIngest(deps({ turns }), id)).rejects.toBeInstanceOf(Fault);
    expect(await turns.take("a")).toBeDefined();
  });

  it("an export that kills its run every time is a dead letter after its attempts", async () => {
    const id = await accept("a", report("r"));
    const mapExport: IngestDeps["mapExport"] = () => {
      throw new TypeError("a defect");
    };
    for (let attempt = 0; attempt < 5; attempt++) await expect(runIngest(deps({ mapExport }), id)).rejects.toBeDefined();
    await runIngest(deps({ mapExport }), id);
    expect(await exportState({ store, landing }, { id })).toMatchObject({ status: "failed", reason: "attempts-exhausted" });
  });
});
