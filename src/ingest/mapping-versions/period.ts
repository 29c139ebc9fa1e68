import type { Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../../fhir/store.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import { inputText, taskKindTokens } from "../../work/task.ts";
import { type ExportFacts, exportOf } from "../export-task.ts";

/** A span of time in which exports were accepted: instants, the end not included. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** An export as it was delivered; its files lie in the landing folder. */
export interface StoredExport {
  readonly id: ResourceId;
  /** When it was delivered, an instant. */
  readonly acceptedAt: string;
  readonly facts: ExportFacts;
}

/** The distinct exports of a feed that were accepted in a period, oldest first; an export delivered again counts once, a replay not at all. */
export async function exportsOf(store: FhirStore, feed: string, period: Period): Promise<StoredExport[]> {
  const tasks = await store.searchAll("DEFAULT", "Task", {
    code: taskKindTokens("ingest"),
    "authored-on": [`ge${period.from}`, `lt${period.to}`],
    _elements: "id,code,input,authoredOn",
  });
  const seen = new Set<string>();
  const inOrder = tasks.filter(inside(period)).sort((a, b) => ((a.authoredOn ?? "") < (b.authoredOn ?? "") ? -1 : 1));
  return inOrder.flatMap((task) => {
    const facts = exportOf(task);
    if (facts === undefined || facts.feed !== feed || task.id === undefined || inputText(task, "replay") !== undefined)
      return [];
    const content = facts.files
      .map((file) => `${file.sha256} ${file.name}`)
      .sort()
      .join();
    if (seen.has(content)) return [];
    seen.add(content);
    return [{ id: task.id as ResourceId, facts, acceptedAt: task.authoredOn ?? "" }];
  });
}

/** The store compares dates by their own precision; the period is exact. */
function inside({ from, to }: Period): (task: Task) => boolean {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  return ({ authoredOn = "" }) => Date.parse(authoredOn) >= start && Date.parse(authoredOn) < end;
}
