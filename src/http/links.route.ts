import { json, orInvalid } from "./answers.ts";
import { MadeLink, PageLink } from "./contract/web.ts";
import { mayOpenPages } from "./entitle.ts";
import { guarded } from "./route.ts";

/** One-time links with which a hospital's system opens our pages for its user. */
export const linkRoutes = [
  guarded({
    method: "post",
    path: "/recognitions/links",
    summary: "A link that opens the pop-up for these draft orders, or the staff pages, once, within five minutes",
    errors: "problem",
    policy: mayOpenPages,
    body: PageLink,
    answers: { 201: { description: "Open it in a window of its own, for the practitioner the token names", schema: MadeLink } },
    async handle({ caller, body: page }, useCases) {
      const { link } = orInvalid(await useCases.makeLink({ caller, page }));
      return json(MadeLink, link, { status: 201 });
    },
  }),
];
