import { json } from "./answers.ts";
import { Health, Readiness } from "./contract/health.ts";
import type { OpenRoute } from "./route.ts";

/** Whether the process runs, and whether what it stands on answers. */
export const healthRoutes: readonly OpenRoute[] = [
  {
    door: "open",
    method: "get",
    path: "/healthz",
    summary: "The process runs",
    errors: "problem",
    answers: { 200: { description: "It does", schema: Health } },
    async handle() {
      return json(Health, { status: "up" });
    },
  },
  {
    door: "open",
    method: "get",
    path: "/readyz",
    summary: "The FHIR store and the queue answer; without the queue, work is accepted and waits for it",
    errors: "problem",
    answers: {
      200: { description: "Requests are served", schema: Readiness },
      503: { description: "The store does not answer", schema: Readiness },
    },
    async handle({ useCases }) {
      const { store, queue } = await useCases.readiness();
      const status = store === "down" ? "down" : queue === "down" ? "degraded" : "ready";
      return json(Readiness, { status, store, queue }, { status: store === "down" ? 503 : 200 });
    },
  },
];
