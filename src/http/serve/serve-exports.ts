import { randomUUID } from "node:crypto";
import { type AcceptDeps, acceptExport } from "../../ingest/accept-export.ts";
import { type FeedStateDeps, feedStates } from "../../ingest/feed-states.ts";
import { type ExportAddress, exportIssues, exportState, type ReportDeps } from "../../ingest/report.ts";
import type { Caller } from "../caller.ts";
import type { UseCases } from "../use-cases.ts";

/** Deliveries and their reports, on the ingest flow. Without an Idempotency-Key every delivery is a new one, and is worked through again. */
export function serveExports(
  deps: AcceptDeps & ReportDeps & FeedStateDeps & { readonly feedNames: () => readonly string[] },
): Pick<UseCases, "acceptExport" | "exportState" | "exportIssues" | "feedStates"> {
  return {
    acceptExport: ({ caller, feed, files, idempotencyKey = randomUUID() }) =>
      acceptExport(deps, { client: caller.client, feed, files, idempotencyKey }),
    exportState: ({ caller, id }) => exportState(deps, addressFor(caller, id)),
    exportIssues: ({ caller, id }) => exportIssues(deps, addressFor(caller, id)),
    feedStates: ({ caller }) =>
      feedStates(
        deps,
        deps.feedNames().filter((feed) => caller.kind === "operator" || caller.feeds.includes(feed)),
      ),
  };
}

/** Operators follow every export, everybody else their own. */
function addressFor({ kind, client }: Caller, id: string): ExportAddress {
  return kind === "operator" ? { id } : { id, client };
}
