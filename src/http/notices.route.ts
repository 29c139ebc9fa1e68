import { json, orNotFound, workId } from "./answers.ts";
import { Notice, NoticeList, NoticesQuery } from "./contract/notice.ts";
import { mayAcknowledgeNotices, mayReadNotices } from "./entitle.ts";
import { guarded } from "./route.ts";

/** What an institution must know about what it was shown; its staff take note of it. */
export const noticeRoutes = [
  guarded({
    method: "get",
    path: "/notices",
    summary:
      "Results that were shown here and have changed since, certificates withdrawn, faults reported: the institution's own; an operator sees everybody's without their places",
    errors: "problem",
    policy: mayReadNotices,
    query: NoticesQuery,
    answers: { 200: { description: "The notices, newest first", schema: NoticeList } },
    async handle({ caller, query: { state } }, useCases) {
      return json(NoticeList, await useCases.listNotices({ caller, state }));
    },
  }),
  guarded({
    method: "post",
    path: "/notices/{id}/acknowledge",
    summary: "Take note of a notice; until then it is told again, and put before the operator",
    errors: "problem",
    policy: mayAcknowledgeNotices,
    answers: { 200: { description: "The notice, closed; repeating the call is harmless", schema: Notice } },
    async handle({ caller, param }, useCases) {
      return json(Notice, orNotFound(await useCases.acknowledgeNotice({ caller, id: workId(param) })));
    },
  }),
];
