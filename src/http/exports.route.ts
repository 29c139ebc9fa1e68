import { json, orConflict, orInvalid, orNotFound, workId } from "./answers.ts";
import { ExportAccepted, ExportIssue, ExportQuery, ExportState, IssuesQuery } from "./contract/export.ts";
import { mayDeliver, mayFollowExports } from "./entitle.ts";
import { incomingFiles } from "./incoming-files.ts";
import { guarded } from "./route.ts";

/** Delivering an export of a feed, and following what became of it. */
export const exportRoutes = [
  guarded({
    method: "post",
    path: "/exports/{feed}",
    summary:
      "Deliver an export: files as multipart/form-data, one raw body with ?file=NAME, or one application/zip; Content-Encoding gzip is taken",
    errors: "problem",
    policy: mayDeliver,
    body: "stream",
    query: ExportQuery,
    answers: { 202: { description: "Stored durably; Content-Location tells where its state is", schema: ExportAccepted } },
    async handle(ask, useCases) {
      const { caller, param: feed, signal, idempotencyKey } = ask;
      const files = incomingFiles(ask.incoming, ask.query.file, signal);
      const key = idempotencyKey === undefined ? {} : { idempotencyKey };
      const { id } = orConflict(orInvalid(await useCases.acceptExport({ caller, feed, files, signal, ...key })));
      const location = `/exports/${id}`;
      return json(ExportAccepted, { id, status: "accepted", location }, { status: 202, location });
    },
  }),
  guarded({
    method: "get",
    path: "/exports/{id}",
    summary: "State of an export: counts, progress, what was not mapped",
    errors: "problem",
    policy: mayFollowExports,
    answers: { 200: { description: "The state", schema: ExportState } },
    async handle({ caller, param }, useCases) {
      return json(ExportState, orNotFound(await useCases.exportState({ caller, id: workId(param) })));
    },
  }),
  guarded({
    method: "get",
    path: "/exports/{id}/issues",
    summary: "Every row that did not become resources as it stands",
    errors: "problem",
    policy: mayFollowExports,
    query: IssuesQuery,
    answers: { 200: { description: "Issues, in the order of the files", schema: ExportIssue.array() } },
    async handle({ caller, param, query, signal }, useCases) {
      const rows = orNotFound(await useCases.exportIssues({ caller, id: workId(param), signal }));
      return { kind: "rows", rows, format: query.format ?? "json" };
    },
  }),
];
