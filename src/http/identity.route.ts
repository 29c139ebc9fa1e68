import { json, orConflict, orNotFound, workId } from "./answers.ts";
import {
  IdentityDecision,
  IdentityDecisionList,
  IdentityExplanation,
  IdentityReviewList,
  LinkRequest,
  RecordKey,
} from "./contract/identity.ts";
import { mayReviewIdentity } from "./entitle.ts";
import { guarded } from "./route.ts";

const steward = { errors: "problem", policy: mayReviewIdentity } as const;
const decided = { 200: { description: "The decision as it is kept", schema: IdentityDecision } };

/** What a steward does: see who waits, understand why, decide, take back. */
export const identityRoutes = [
  guarded({
    ...steward,
    method: "get",
    path: "/identity/reviews",
    summary: "Records that wait for a steward, the oldest first, with the reasons why no machine linked them",
    answers: { 200: { description: "The queue", schema: IdentityReviewList } },
    async handle({ caller }, useCases) {
      return json(IdentityReviewList, await useCases.listReviews({ caller }));
    },
  }),
  guarded({
    ...steward,
    method: "post",
    path: "/identity/reviews/{id}/link",
    summary: "Answer a review: the record is of that person",
    answers: decided,
    async handle({ caller, param }, useCases) {
      const answer = { caller, id: workId(param), answer: "same" } as const;
      return json(IdentityDecision, orConflict(orNotFound(await useCases.answerReview(answer))).decision);
    },
  }),
  guarded({
    ...steward,
    method: "post",
    path: "/identity/reviews/{id}/separate",
    summary: "Answer a review: the record is of somebody else, for good",
    answers: decided,
    async handle({ caller, param }, useCases) {
      const answer = { caller, id: workId(param), answer: "different" } as const;
      return json(IdentityDecision, orConflict(orNotFound(await useCases.answerReview(answer))).decision);
    },
  }),
  guarded({
    ...steward,
    method: "post",
    path: "/identity/explanations",
    summary: "Why a record is where it is: the other records of its person, every score with its evidence, every decision",
    body: RecordKey,
    answers: { 200: { description: "The explanation", schema: IdentityExplanation } },
    async handle({ caller, body: record }, useCases) {
      return json(IdentityExplanation, orNotFound(await useCases.explainRecord({ caller, record })));
    },
  }),
  guarded({
    ...steward,
    method: "post",
    path: "/identity/links",
    summary: "Link a record to the person of another record; if it was a person of its own, the two become one",
    body: LinkRequest,
    answers: decided,
    async handle({ caller, body }, useCases) {
      return json(IdentityDecision, orNotFound(await useCases.linkRecord({ caller, record: body.record, with: body.with })));
    },
  }),
  guarded({
    ...steward,
    method: "post",
    path: "/identity/links/remove",
    summary: "Take a record from the person it is linked to, for good: no later export links it there again",
    body: RecordKey,
    answers: decided,
    async handle({ caller, body: record }, useCases) {
      return json(IdentityDecision, orNotFound(await useCases.unlinkRecord({ caller, record })));
    },
  }),
  guarded({
    ...steward,
    method: "get",
    path: "/identity/decisions",
    summary: "What stewards decided, newest first",
    answers: { 200: { description: "The decisions", schema: IdentityDecisionList } },
    async handle({ caller }, useCases) {
      return json(IdentityDecisionList, { decisions: await useCases.listDecisions({ caller }) });
    },
  }),
  guarded({
    ...steward,
    method: "post",
    path: "/identity/decisions/{id}/undo",
    summary: "Take a decision back; the undo is a decision of its own and lasts",
    answers: decided,
    async handle({ caller, param }, useCases) {
      return json(
        IdentityDecision,
        orConflict(orNotFound(await useCases.undoDecision({ caller, id: workId(param) }))).decision,
      );
    },
  }),
];
