import { describe, expect, it } from "@jest/globals";
import type { Task } from "@medplum/fhirtypes";
import fc from "fast-check";
import { acceptExport } from "../../src/ingest/accept-export.ts";
import type { IngestDeps } from "../../src/ingest/ingest-deps.ts";
import type { ExportIssue } from "../../src/ingest/issue-list.ts";
import { exportIssues, exportState } from "../../src/ingest/report.ts";
import { runIngest } from "../../src/ingest/run-ingest.ts";
import { runOrphans } from "../../src/ingest/run-orphans.ts";
import { reconsiderOrphans } from "../../src/ingest/wake-orphans.ts";
import { taskKindOf } from "../../src/work/task.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";
import { type Line, linesText, mapLines } from "./joined-lines.ts";
import { createMemoryLanding } from "./memory-landing.ts";
import { suite, tenant } from "./sheets.ts";

function createWorld() {
  const store = createMemoryStore();
  const landing = createMemoryLanding();
  let clock = Date.parse("2026-11-18T00:00:00Z");
  const now = () => new Date(clock);
  const scheduler = { schedule: async () => undefined };
  const deps: IngestDeps = {
    ...{ store, landing, suite, now, scheduler },
    identity: { seal: (patient) => patient, link: async (people) => people.map(() => ({ kind: "linked" })) },
    mapExport: mapLines,
    limits: { entries: 10, inFlight: 3, checkpointMs: 10_000, giveBackMs: 0 },
  };
  const orphanTasks = () =>
    store.all("DEFAULT").filter((one): one is Task => one.resourceType === "Task" && taskKindOf(one) === "orphan-row");
  return {
    store,
    landing,
    deps,
    orphanTasks,
    async accept(files: Readonly<Record<string, readonly Line[]>>): Promise<string> {
      async function* content() {
        for (const [name, lines] of Object.entries(files)) yield { name, content: bytes(linesText(lines)) };
      }
      const accepting = { ...{ store, landing, suite, now, scheduler }, isFeed: () => true };
      const outcome = await acceptExport(accepting, { client: "a-his", feed: "a-tb", files: content() });
      if (outcome.kind !== "accepted") throw new Error(outcome.kind);
      return outcome.id;
    },
    async deliver(files: Readonly<Record<string, readonly Line[]>>): Promise<string> {
      const id = await this.accept(files);
      await runIngest(deps, id);
      return id;
    },
    /** What the workers do with the rows that were woken. */
    async work() {
      for (const task of orphanTasks()) await runOrphans(deps, task.id ?? "");
    },
    /** Time goes by. */
    async wait(hours: number) {
      clock += hours * 3_600_000;
    },
    async sweep(days = 0) {
      clock += days * 86_400_000;
      for (const task of orphanTasks())
        if (task.status === "on-hold") await reconsiderOrphans({ store, landing, now, scheduler, waitDays: 30 }, task);
    },
    state: (id: string) => exportState({ store, landing }, { id }),
    async issues(id: string): Promise<ExportIssue[]> {
      const list: ExportIssue[] = [];
      for await (const issue of (await exportIssues({ store, landing }, { id })) ?? []) list.push(issue);
      return list;
    },
    clinical: () =>
      store
        .all(tenant)
        .filter((one) => one.resourceType !== "Provenance")
        .map(({ meta: _, ...rest }) => rest)
        .sort((a, b) => (`${a.resourceType}/${a.id}` < `${b.resourceType}/${b.id}` ? -1 : 1)),
    versions: () =>
      store
        .all(tenant)
        .filter((one) => one.resourceType !== "Provenance")
        .map((one) => `${one.resourceType}/${one.id} ${one.meta?.versionId}`),
  };
}

async function* bytes(text: string) {
  yield Buffer.from(text);
}

const head = (name: string, more: object = {}): Line => ({ head: name, ...more });
const row = (name: string, of: string, more: object = {}): Line => ({ row: name, of, ...more });

async function whole(lines: readonly Line[]) {
  const world = createWorld();
  await world.deliver({ "all.csv": lines });
  return world.clinical();
}

describe("rows whose sheet is not in their export", () => {
  it("wait, are told as waiting with their lines, and are mapped when the sheet comes", async () => {
    const world = createWorld();
    const id = await world.deliver({ "rows.csv": [row("a", "r"), row("b", "r"), row("c", "s")] });
    expect(await world.state(id)).toMatchObject({ status: "completed", counts: { waiting: 3, issues: 3 } });
    expect((await world.issues(id)).map(({ code, file, line }) => `${code} ${file}:${line}`)).toEqual([
      "waiting rows.csv:1",
      "waiting rows.csv:2",
      "waiting rows.csv:3",
    ]);
    expect(world.clinical()).toEqual([]);
    expect(world.orphanTasks()).toMatchObject([{ status: "on-hold" }]);
    await world.deliver({ "heads.csv": [head("r"), head("s")] });
    expect(world.orphanTasks()).toMatchObject([{ status: "requested" }]);
    await world.work();
    expect(world.orphanTasks()).toMatchObject([{ status: "completed" }]);
    expect(world.clinical()).toEqual(await whole([head("r"), head("s"), row("a", "r"), row("b", "r"), row("c", "s")]));
  });

  it("are mapped with a sheet that was stored before them, read again from its raw export", async () => {
    const world = createWorld();
    await world.deliver({ "x.csv": [head("r"), row("a", "r")] });
    await world.deliver({ "rows.csv": [row("b", "r")] });
    await world.work();
    expect(world.clinical()).toEqual(await whole([head("r"), row("a", "r"), row("b", "r")]));
  });

  it("are told as lost, and not tried again, when the raw file of their sheet is not kept any more", async () => {
    const world = createWorld();
    await world.deliver({ "x.csv": [head("r"), row("a", "r")] });
    world.landing.files.clear();
    const id = await world.deliver({ "rows.csv": [row("b", "r")] });
    await world.work();
    expect(world.orphanTasks()).toMatchObject([{ status: "failed", statusReason: { text: "sheet-not-mapped-again" } }]);
    expect(await world.issues(id)).toContainEqual(
      expect.objectContaining({
        code: "raw-gone",
        file: "rows.csv",
        line: 1,
        reason: expect.stringContaining("deliver both again"),
      }),
    );
  });

  it("are tried again when the landing folder does not work at the moment", async () => {
    const world = createWorld();
    await world.deliver({ "x.csv": [head("r"), row("a", "r")] });
    await world.deliver({ "rows.csv": [row("b", "r")] });
    const files = new Map(world.landing.files);
    world.landing.files.clear();
    world.landing.fail = true;
    await expect(world.work()).rejects.toMatchObject({ code: "landing-failed" });
    world.landing.fail = false;
    for (const [sha256, bytes] of files) world.landing.files.set(sha256, bytes);
    await world.wait(1);
    await world.work();
    expect(world.clinical()).toEqual(await whole([head("r"), row("a", "r"), row("b", "r")]));
  });

  it("do not take a stub for their sheet", async () => {
    const world = createWorld();
    await world.deliver({ "rows.csv": [row("a", "r")] });
    await world.store.createMissing(tenant, [{ resourceType: "DiagnosticReport", id: "r", status: "unknown", code: {} }]);
    await world.sweep();
    expect(world.orphanTasks()).toMatchObject([{ status: "on-hold" }]);
  });

  it("name nobody and nothing of the rows in their Task", async () => {
    const world = createWorld();
    await world.deliver({ "rows.csv": [row("a", "r", { digest: "姓名" })] });
    expect(JSON.stringify(world.orphanTasks())).not.toMatch(/姓名|Observation/);
  });

  it("go on waiting for the others when one sheet came", async () => {
    const world = createWorld();
    await world.deliver({ "rows.csv": [row("a", "r"), row("b", "s")] });
    for (let n = 0; n < 7; n++) {
      await world.deliver({ "heads.csv": [head("r", { order: String(n) })] });
      await world.work();
    }
    expect(world.orphanTasks()).toMatchObject([{ status: "on-hold" }]);
    await world.deliver({ "heads.csv": [head("s")] });
    await world.work();
    expect(world.orphanTasks()).toMatchObject([{ status: "completed" }]);
    expect(world.clinical().map((one) => one.id)).toEqual(expect.arrayContaining(["a", "b"]));
  });

  it("become issues of their export when they are bad, once the sheet shows it", async () => {
    const world = createWorld();
    const id = await world.deliver({ "rows.csv": [row("a", "r"), row("b", "r", { bad: true })] });
    await world.deliver({ "heads.csv": [head("r")] });
    await world.work();
    expect((await world.issues(id)).map(({ code, line }) => `${code} ${line}`)).toEqual([
      "waiting 1",
      "waiting 2",
      "bad-value 2",
    ]);
  });

  it("end as issues of their export when the sheet never comes", async () => {
    const world = createWorld();
    const id = await world.deliver({ "rows.csv": [row("a", "r")] });
    await world.sweep(31);
    await world.sweep();
    expect(world.orphanTasks()).toMatchObject([{ status: "failed", statusReason: { text: "sheet-never-came" } }]);
    expect((await world.issues(id)).map(({ severity, code, line }) => `${severity} ${code} ${line}`)).toEqual([
      "warning waiting 1",
      "error orphan 1",
    ]);
  });

  it.each`
    said                                   | orders
    ${"the rows of each night first"}      | ${["rows 1", "head 1", "rows 2", "head 2"]}
    ${"the heads of each night first"}     | ${["head 1", "rows 1", "head 2", "rows 2"]}
    ${"first the heads and then the rows"} | ${["head 1", "rows 1", "rows 2", "head 2"]}
  `("belong to the issue that came in their own night: $said", async ({ orders }) => {
    const world = createWorld();
    const night = {
      "rows 1": [row("a", "r", { digest: "z" }), row("gone", "r")],
      "head 1": [head("r", { order: "1" })],
      "rows 2": [row("a", "r", { digest: "b" })],
      "head 2": [head("r", { order: "2" })],
    };
    for (const [index, name] of (orders as (keyof typeof night)[]).entries()) {
      await world.deliver({ [`${name}.csv`]: night[name] });
      await world.work();
      await world.wait(index === 1 ? 24 : 0.1);
    }
    await world.work();
    expect(world.clinical().find((one) => one.resourceType === "DiagnosticReport")).toMatchObject({
      result: [{ reference: "Observation/a" }],
    });
    expect(world.clinical().find((one) => one.id === "a")).toMatchObject({ status: "final", valueString: "2 b d 1" });
    expect(world.clinical().find((one) => one.id === "gone")).toMatchObject({ status: "entered-in-error" });
  });

  it("change nothing when everything is delivered again", async () => {
    const world = createWorld();
    const files = [{ "rows.csv": [row("a", "r")] }, { "heads.csv": [head("r")] }];
    for (const one of files) await world.deliver(one);
    await world.work();
    const before = world.versions();
    for (const task of world.store.all("DEFAULT"))
      if (task.resourceType === "Task" && taskKindOf(task) === "orphan-row")
        await world.store.commit("DEFAULT", [{ kind: "put", resource: { ...task, status: "requested", output: [] } }]);
    await world.work();
    expect(world.versions()).toEqual(before);
  });

  it("survive the death of the worker at any point", async () => {
    const expected = await whole([head("r"), row("a", "r"), row("b", "r")]);
    for (let stopAt = 1; stopAt < 14; stopAt++) {
      const world = createWorld();
      await world.deliver({ "rows.csv": [row("a", "r"), row("b", "r")] });
      const id = await world.accept({ "heads.csv": [head("r")] });
      const { commit, createMissing } = world.store;
      let calls = 0;
      const dying =
        <A extends unknown[], R>(call: (...args: A) => R) =>
        (...args: A): R => {
          if (++calls >= stopAt) throw new Error("killed");
          return call(...args);
        };
      Object.assign(world.store, { commit: dying(commit), createMissing: dying(createMissing) });
      await runIngest(world.deps, id)
        .then(() => world.work())
        .catch(() => undefined);
      Object.assign(world.store, { commit, createMissing });
      await runIngest(world.deps, id);
      await world.sweep();
      await world.work();
      expect(world.clinical()).toEqual(expected);
      expect(world.orphanTasks()).toMatchObject([{ status: "completed" }]);
    }
  });
});

// Of two issues of one sheet an orphan does not tell which one it belongs to: each sheet here has one, current or withdrawn, told as often as it likes.
const rows = fc.uniqueArray(
  fc.record({ row: fc.constantFrom("1", "2", "3"), of: fc.constantFrom("r", "s"), digest: fc.constantFrom("d", "e") }),
  { minLength: 1, maxLength: 8, selector: (one) => JSON.stringify(one) },
);
const state = fc.constantFrom("present" as const, "present" as const, "retracted" as const);
const deliveries = fc
  .record({ rows, r: state, s: state, again: fc.boolean() })
  .map(({ rows: some, r, s: other, again }): Line[] => [
    ...some.map((one) => ({ ...one, row: `${one.of}${one.row}` })),
    ...[{ head: "r", state: r }, { head: "s", state: other }, ...(again ? [{ head: "r", state: r }] : [])],
  ])
  .chain((lines) =>
    fc.record({
      lines: fc.constant(lines),
      shuffled: fc.shuffledSubarray(lines, { minLength: lines.length }),
      cuts: fc.array(fc.nat(lines.length), { maxLength: 4 }),
      late: fc.boolean(),
    }),
  );

describe("the order of files", () => {
  it("leaves no trace, wherever rows and their sheets are cut apart", async () => {
    await fc.assert(
      fc.asyncProperty(deliveries, async ({ lines: all, shuffled, cuts, late }) => {
        const world = createWorld();
        const at = [0, ...[...cuts].sort((a, b) => a - b), shuffled.length];
        for (const [index, end] of at.slice(1).entries()) {
          const some = shuffled.slice(at[index], end);
          if (some.length === 0) continue;
          await world.deliver({ [`${index}.csv`]: some });
          if (!late) await world.work();
        }
        await world.work();
        expect(world.clinical()).toEqual(await whole(all));
        expect(world.orphanTasks().map((task) => task.status)).toEqual(world.orphanTasks().map(() => "completed"));
      }),
      { numRuns: 200 },
    );
  }, 120_000);
});
