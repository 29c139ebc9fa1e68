import type { SourceToTell } from "../outcomes/report-faults.ts";
import { type NoticeDeps, openNotice } from "./open-notice.ts";

/** Puts a reported fault before the institution that holds the result; the same report is one notice. The words stand in the DetectedIssue of its own partition. */
export function createSourceDesk(deps: NoticeDeps): (report: SourceToTell) => Promise<void> {
  return async ({ source, about, issue }) => {
    const key = `${issue.tenant}/${issue.type}/${issue.id}`;
    await openNotice(deps, { institution: source, kind: "fault-reported", about, key, detail: { issue } });
  };
}
