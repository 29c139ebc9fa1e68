import { orNotFound } from "./answers.ts";
import { PublishedSearch, PublishedType } from "./contract/published.ts";
import { type PublicRoute, published } from "./route.ts";

const type = "application/fhir+json";

/** The region's policy as FHIR R4, read-only and open to everybody. */
export const publishedRoutes: readonly PublicRoute[] = PublishedType.options.flatMap((resourceType) => [
  published({
    method: "get",
    path: `/fhir/${resourceType}`,
    summary: `Search the region's published policy: ${resourceType}`,
    errors: "fhir",
    query: PublishedSearch,
    answers: { 200: { description: "A searchset", type } },
    async handle({ query }, useCases) {
      const resource = await useCases.searchPublished({ type: resourceType, search: query });
      return { kind: "fhir", status: 200, resource };
    },
  }),
  published({
    method: "get",
    path: `/fhir/${resourceType}/{resource}`,
    summary: `One resource of the region's published policy: ${resourceType}`,
    errors: "fhir",
    answers: { 200: { description: "The resource", type } },
    async handle({ param: id }, useCases) {
      const resource = orNotFound(await useCases.readPublished({ type: resourceType, id }));
      return { kind: "fhir", status: 200, resource };
    },
  }),
]);
