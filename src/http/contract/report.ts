import { z } from "zod";
import { type Exact, InstitutionCode } from "./parts.ts";

/** A report as the pop-up shows it: data and images are what is recognised, the conclusion is shown and never recognised (办法第二条). */
export const ReportShown = z.object({
  source: InstitutionCode,
  sourceName: z.string(),
  title: z.string().optional(),
  reportedAt: z.string().optional(),
  collectedAt: z.string().optional(),
  conclusion: z.string().optional(),
  results: z.array(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      unit: z.string().optional(),
      referenceRange: z.string().optional(),
      /** As the source flagged it, e.g. `H`. */
      flag: z.string().optional(),
      /** It is the result the report was opened for. */
      asked: z.boolean(),
    }),
  ),
  studies: z.array(
    z.object({
      modality: z.string().optional(),
      description: z.string().optional(),
      startedAt: z.string().optional(),
      images: z.number().optional(),
    }),
  ),
});
export type ReportShown = Exact<z.output<typeof ReportShown>>;
