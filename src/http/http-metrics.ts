import { Histogram, type Registry } from "prom-client";

/** One served request; `status` 499 = the client left before the answer was over. */
interface Observed {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Where the pipeline counts requests. */
export interface HttpMetrics {
  observe(request: Observed): void;
}

/** Counts and durations of requests by route template, in the given registry. */
export function createHttpMetrics(registry: Registry): HttpMetrics {
  const duration = new Histogram({
    name: "hutong_http_request_duration_seconds",
    help: "Time from a request's first byte to its answer's last, by route template",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10, 60],
    registers: [registry],
  });
  return {
    observe: ({ method, route, status, seconds }) => duration.observe({ method, route, status: String(status) }, seconds),
  };
}
