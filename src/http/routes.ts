import { catalogueRoutes } from "./catalogue.route.ts";
import { cdsDiscoveryRoutes, cdsServiceRoutes } from "./cds-services.route.ts";
import { consentRoutes } from "./consents.route.ts";
import { exportRoutes } from "./exports.route.ts";
import { feedRoutes } from "./feeds.route.ts";
import { figuresRoutes, measureRoutes } from "./figures.route.ts";
import { healthRoutes } from "./health.route.ts";
import { identityRoutes } from "./identity.route.ts";
import { linkRoutes } from "./links.route.ts";
import { lookupRoutes } from "./lookups.route.ts";
import { mappingRoutes } from "./mappings.route.ts";
import { metricsRoutes } from "./metrics.route.ts";
import { noticeRoutes } from "./notices.route.ts";
import { describeApi } from "./openapi.ts";
import { patientRoutes } from "./patients.route.ts";
import { publishedRoutes } from "./published.route.ts";
import { outcomeRoutes } from "./recognition-outcomes.route.ts";
import { recognitionRoutes } from "./recognitions.route.ts";
import type { OpenRoute, Route } from "./route.ts";

/** What a process without the API serves: its health and metrics. */
export const operationRoutes: readonly OpenRoute[] = [...healthRoutes, ...metricsRoutes];

/** Every route of the API, in one table, with the description of them all at `/openapi.json`. */
export function allRoutes(publicUrl: string): readonly Route[] {
  const routes: Route[] = [
    ...exportRoutes,
    ...feedRoutes,
    ...mappingRoutes,
    ...lookupRoutes,
    ...consentRoutes,
    ...catalogueRoutes,
    ...publishedRoutes,
    ...recognitionRoutes,
    ...cdsDiscoveryRoutes,
    ...cdsServiceRoutes,
    ...linkRoutes,
    ...figuresRoutes,
    ...measureRoutes,
    // After every other address under /recognitions: it has one that takes any id.
    ...outcomeRoutes,
    ...noticeRoutes,
    ...identityRoutes,
    ...patientRoutes,
    ...operationRoutes,
  ];
  let described: ReturnType<typeof describeApi> | undefined;
  const description: OpenRoute = {
    door: "open",
    method: "get",
    path: "/openapi.json",
    summary: "This description",
    errors: "problem",
    answers: { 200: { description: "OpenAPI 3.1" } },
    async handle() {
      // Made when it is first asked for: it takes longer than everything else a start does.
      described ??= describeApi(routes, publicUrl);
      return { kind: "json", status: 200, body: described };
    },
  };
  return [...routes, description];
}
