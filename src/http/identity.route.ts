import { json } from "./answers.ts";
import { IdentityReviewList } from "./contract/identity.ts";
import { mayReviewIdentity } from "./entitle.ts";
import { guarded } from "./route.ts";

/** The steward's queue: local Patients that no machine may link. */
export const identityRoutes = [
  guarded({
    method: "get",
    path: "/identity/reviews",
    summary: "Records that wait for a steward, with the reasons why no machine linked them",
    errors: "problem",
    policy: mayReviewIdentity,
    answers: { 200: { description: "The queue", schema: IdentityReviewList } },
    async handle({ caller }, useCases) {
      return json(IdentityReviewList, { reviews: await useCases.listReviews({ caller }) });
    },
  }),
];
