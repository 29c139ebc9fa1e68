import { json } from "./answers.ts";
import { FeedState } from "./contract/feed.ts";
import { mayFollowExports } from "./entitle.ts";
import { guarded } from "./route.ts";

/** How the feeds fare. */
export const feedRoutes = [
  guarded({
    method: "get",
    path: "/feeds",
    summary: "Every feed's last export, last success, lag and what waits: a supplier's own, an operator's all",
    errors: "problem",
    policy: mayFollowExports,
    answers: { 200: { description: "The feeds", schema: FeedState.array() } },
    async handle({ caller }, useCases) {
      return json(FeedState.array(), await useCases.feedStates({ caller }));
    },
  }),
];
