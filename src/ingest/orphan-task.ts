import type { Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../fhir/store.ts";
import { systems } from "../fhir/systems.ts";
import { instant, type Now } from "../kernel/clock.ts";
import type { OrphanRow } from "../mapping/mapped.ts";
import { inputText, inputTexts, outputText, taskCode, taskKindOf, textField, withOutputs } from "../work/task.ts";
import { type ExportedFile, type ExportFacts, feedInputs } from "./export-task.ts";
import type { ExportIssue } from "./issue-list.ts";

/** The rows of one export that wait for one head. */
export interface WaitingSheet {
  readonly tenant: OrphanRow["tenant"];
  /** `DiagnosticReport/h…`. */
  readonly head: string;
  /** First lines of the rows, by file. */
  readonly lines: Readonly<Record<string, readonly number[]>>;
  /** Order of the issue that is waited for; absent = any. */
  readonly from?: string;
}

/** Rows of one export whose heads are not in it: what the Task names. Never the rows themselves. */
export interface Orphans extends ExportFacts {
  /** When their export was accepted (FHIR instant). */
  readonly acceptedAt: string;
  readonly sheets: readonly WaitingSheet[];
}

/** How the issue list of its export tells an orphan. */
export function waitingIssue({ file, line, table }: OrphanRow): ExportIssue {
  const reason = `the sheet of this ${table} row is not in this export; the row waits and is mapped when its sheet is stored`;
  return { severity: "warning", code: "waiting", file, line, reason };
}

/** How it tells each of the rows that waited for these heads in vain. */
export function lostRows(sheets: readonly WaitingSheet[], code: string, reason: string): ExportIssue[] {
  return sheets.flatMap(({ lines }) =>
    Object.entries(lines).flatMap(([file, some]) =>
      some.map((line) => ({ severity: "error" as const, code, file, line, reason })),
    ),
  );
}

/** Heads one Task waits for: each run of it reads the raw export once. */
const headsPerTask = 100;

/** Collects the orphans of an export as they are told, and opens their Tasks. */
export interface OrphanDesk {
  add(orphan: OrphanRow): Promise<void>;
  /** Opens the rest. */
  close(): Promise<void>;
}

/** Opens Tasks create-only: a run that comes again opens the same ones. `ingest` = id of the Task whose export it is. */
export function createOrphanDesk(
  deps: { readonly store: FhirStore; readonly suite: { computeId(...parts: readonly string[]): string }; readonly now: Now },
  ingest: { readonly id: string; readonly facts: ExportFacts; readonly acceptedAt: string },
): OrphanDesk {
  let waiting = new Map<string, { tenant: OrphanRow["tenant"]; head: string; lines: Record<string, number[]> }>();
  const open = async () => {
    const sheets = [...waiting.values()];
    waiting = new Map();
    const [first] = sheets;
    if (first === undefined) return;
    const place = `${Object.keys(first.lines)[0]}:${Object.values(first.lines)[0]?.[0]}`;
    const id = deps.suite.computeId("DEFAULT", "Task", "orphan-row", ingest.id, first.tenant, first.head, place);
    const orphans = { ...ingest.facts, acceptedAt: ingest.acceptedAt, sheets };
    await deps.store.createMissing("DEFAULT", [orphanTask(id, orphans, { ingest: ingest.id, at: deps.now() })]);
  };
  return {
    async add({ tenant, head, file, line }) {
      const key = `${tenant}/${head}`;
      const known = waiting.get(key);
      if (known === undefined && waiting.size >= headsPerTask) await open();
      const sheet = waiting.get(key) ?? { tenant, head, lines: {} };
      waiting.set(key, sheet);
      const lines = sheet.lines[file] ?? [];
      sheet.lines[file] = lines;
      lines.push(line);
    },
    close: open,
  };
}

function orphanTask(id: string, orphans: Orphans, { ingest, at }: { readonly ingest: string; readonly at: Date }): Task {
  return {
    resourceType: "Task",
    id,
    status: "on-hold",
    intent: "order",
    code: taskCode("orphan-row"),
    // By these a later issue of a head finds the rows that came apart from it.
    identifier: orphans.sheets.map(({ tenant, head }) => ({ system: systems.resource, value: `${tenant}/${head}` })),
    authoredOn: instant(at),
    lastModified: instant(at),
    input: [
      ...feedInputs(orphans),
      textField("ingest", ingest),
      textField("accepted", orphans.acceptedAt),
      ...orphans.sheets.map((sheet) => textField("sheet", JSON.stringify(sheet))),
    ],
  };
}

/** What an orphan Task stands for, without the heads that came already; undefined when it is none. */
export function orphansOf(task: Task): Orphans | undefined {
  const feed = inputText(task, "feed");
  const client = inputText(task, "client");
  if (taskKindOf(task) !== "orphan-row" || feed === undefined || client === undefined) return undefined;
  const done = new Set(headsIn(task, "done"));
  const from = awaitedIssues(task);
  const sheets = inputTexts(task, "sheet").flatMap((text) => {
    const sheet = JSON.parse(text) as WaitingSheet;
    const address = `${sheet.tenant}/${sheet.head}`;
    const order = from[address];
    return done.has(address) ? [] : [order === undefined ? sheet : { ...sheet, from: order }];
  });
  return {
    feed,
    client,
    files: inputTexts(task, "file").map((text) => JSON.parse(text) as ExportedFile),
    acceptedAt: inputText(task, "accepted") ?? "",
    sheets,
  };
}

/** Heads (`<tenant>/<Type>/<id>`) a run noted: `done` = those that came, `lost` = those of them whose row could not be mapped again. */
export function headsIn(task: Task, name: "done" | "lost"): readonly string[] {
  return JSON.parse(outputText(task, name) ?? "[]") as string[];
}

/** The Task, waiting once more, for later issues of these heads (`<tenant>/<Type>/<id>` and order). */
export function waitingAgain(task: Task, heads: ReadonlyMap<string, string>, at: Date): Task {
  const left = (name: "done" | "lost") =>
    textField(name, JSON.stringify(headsIn(task, name).filter((head) => !heads.has(head))));
  const from = textField("from", JSON.stringify({ ...awaitedIssues(task), ...Object.fromEntries(heads) }));
  const { statusReason: _, ...rest } = withOutputs(task, [left("done"), left("lost"), from, textField("attempt", "0")]);
  return { ...rest, status: "on-hold", lastModified: instant(at) };
}

function awaitedIssues(task: Task): Readonly<Record<string, string>> {
  return JSON.parse(outputText(task, "from") ?? "{}") as Record<string, string>;
}
