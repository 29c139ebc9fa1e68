import { z } from "zod";
import type { Presented } from "./parts.ts";

/** Answer of `GET /healthz`: the process runs. */
export const Health = z.object({ status: z.literal("up") });

/** Answer of `GET /readyz`: `ready` as long as the store answers; without the queue work is accepted and waits for it. */
export const Readiness = z.object({
  status: z.enum(["ready", "degraded", "down"]),
  store: z.enum(["up", "down"]),
  queue: z.enum(["up", "down"]),
});
export type Readiness = Presented<z.output<typeof Readiness>>;
