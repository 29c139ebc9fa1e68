import { z } from "zod";
import { FeedName } from "./export.ts";
import { type Presented, WorkId } from "./parts.ts";

const End = z.object({ id: WorkId, at: z.string(), status: z.string() });

/** One feed in the answer of `GET /feeds`. */
export const FeedState = z.object({
  feed: FeedName,
  /** Exports stored and not worked through yet. */
  waiting: z.object({ exports: z.int(), more: z.boolean() }),
  lastExport: End.optional(),
  lastSuccess: End.extend({ counts: z.record(z.string(), z.int()).optional() }).optional(),
  /** From the review in the hospital to readable here, of the last reports (at most 500). */
  lag: z.object({ reports: z.int(), p50Seconds: z.number(), p95Seconds: z.number() }).optional(),
  /** How far the pull of the hospital's database is: watermark by table. */
  pull: z
    .object({
      watermarks: z.record(z.string(), z.string()),
      dueAt: z.string(),
      failures: z.int(),
      failed: z.string().optional(),
    })
    .optional(),
});
export type FeedState = Presented<z.output<typeof FeedState>>;
