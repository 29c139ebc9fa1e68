import { json, orInvalid, orNotFound } from "./answers.ts";
import { CatalogueAnswer, CatalogueDiff, CatalogueDiffQuery, CatalogueQuery } from "./contract/catalogue.ts";
import { published } from "./route.ts";

/** What is recognised in the region, for how long and why: the policy, open to everybody (国卫医发〔2022〕6号 第十三条: 公布). */
export const catalogueRoutes = [
  published({
    method: "get",
    path: "/recognitions/catalogue",
    summary: "What is recognised, for how long, on which basis and from when; on any day, in any version",
    errors: "problem",
    query: CatalogueQuery,
    answers: {
      200: { description: "The catalogue of that day", schema: CatalogueAnswer },
      404: { description: "No such region, version or item, or no version had begun by that day" },
    },
    async handle({ query }, useCases) {
      return json(CatalogueAnswer, orNotFound(await useCases.recognitionCatalogue(query)));
    },
  }),
  published({
    method: "get",
    path: "/recognitions/catalogue/diff",
    summary: "What differs between two versions of the policy, or between two days",
    errors: "problem",
    query: CatalogueDiffQuery,
    answers: {
      200: { description: "Every difference, entry by entry and item by item", schema: CatalogueDiff },
      404: { description: "No such region" },
    },
    async handle({ query }, useCases) {
      return json(CatalogueDiff, orInvalid(orNotFound(await useCases.compareCatalogues(query))).difference);
    },
  }),
];
