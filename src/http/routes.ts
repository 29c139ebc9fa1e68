import { consentRoutes } from "./consents.route.ts";
import { exportRoutes } from "./exports.route.ts";
import { feedRoutes } from "./feeds.route.ts";
import { healthRoutes } from "./health.route.ts";
import { identityRoutes } from "./identity.route.ts";
import { lookupRoutes } from "./lookups.route.ts";
import { mappingRoutes } from "./mappings.route.ts";
import { metricsRoutes } from "./metrics.route.ts";
import { describeApi } from "./openapi.ts";
import { patientRoutes } from "./patients.route.ts";
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
    ...recognitionRoutes,
    ...identityRoutes,
    ...patientRoutes,
    ...operationRoutes,
  ];
  const body = describeApi(routes, publicUrl);
  const description: OpenRoute = {
    door: "open",
    method: "get",
    path: "/openapi.json",
    summary: "This description",
    errors: "problem",
    answers: { 200: { description: "OpenAPI 3.1" } },
    async handle() {
      return { kind: "json", status: 200, body };
    },
  };
  return [...routes, description];
}
