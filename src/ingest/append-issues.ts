import type { FhirStore } from "../fhir/store.ts";
import { Fault } from "../kernel/fault.ts";
import { textField, withOutputs } from "../work/task.ts";
import { resultsOf } from "./export-task.ts";
import { createIssueList, type ExportIssue, readIssues } from "./issue-list.ts";
import type { Landing } from "./landing.ts";

const rounds = 5;

/** Adds what became known later to the issue list of a finished export, each once however often it is told. Throws `Fault("conflict")`, `Fault("store-down")`. */
export async function appendIssues(
  deps: { readonly store: FhirStore; readonly landing: Landing },
  ingest: string,
  issues: readonly ExportIssue[],
): Promise<void> {
  if (issues.length === 0) return;
  for (let round = 0; round < rounds; round++) {
    const task = await deps.store.read("DEFAULT", "Task", ingest);
    if (task === undefined) return;
    const told = resultsOf(task).issues;
    const list = createIssueList(deps.landing);
    const fresh = new Map(issues.map((issue) => [keyOf(issue), issue]));
    if (told !== undefined) {
      for await (const issue of readIssues(deps.landing, told)) {
        fresh.delete(keyOf(issue));
        await list.add(issue);
      }
    }
    if (fresh.size === 0) return list.discard();
    for (const issue of fresh.values()) await list.add(issue);
    const landed = await list.close();
    const resource = withOutputs(task, [textField("issues", landed?.sha256 ?? "")]);
    const outcome = await deps.store.commit("DEFAULT", [{ kind: "update", resource, ifMatch: task.meta?.versionId ?? "" }]);
    if (outcome.kind === "committed") return;
  }
  throw new Fault("conflict");
}

function keyOf({ code, file, line, element }: ExportIssue): string {
  return [code, file, line, element].join("\n");
}
