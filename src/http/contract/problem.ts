import { z } from "zod";
import { type Presented, ProblemPlace } from "./parts.ts";

/** `application/problem+json` (RFC 9457): every error of a route that is not FHIR. No stack, no value, no hint at what exists. */
export const ProblemBody = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  problems: z.array(ProblemPlace).optional(),
  requestId: z.string(),
});
export type ProblemBody = Presented<z.output<typeof ProblemBody>>;
