import type { OpenRoute } from "./route.ts";

/** Metrics for Prometheus: counts and durations by route template, never by address or person. */
export const metricsRoutes: readonly OpenRoute[] = [
  {
    door: "open",
    method: "get",
    path: "/metrics",
    summary: "Metrics in Prometheus' text format",
    errors: "problem",
    answers: { 200: { description: "The metrics", type: "text/plain" } },
    async handle({ metrics }) {
      return { kind: "text", status: 200, type: metrics.contentType, text: await metrics.metrics() };
    },
  },
];
