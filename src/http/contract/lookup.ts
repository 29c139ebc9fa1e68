import { z } from "zod";
import {
  Category,
  DateOrInstant,
  type Exact,
  InstitutionCode,
  type Presented,
  Purpose,
  ResidentKey,
  Visit,
  WorkId,
} from "./parts.ts";

/** Body of `POST /lookups`. */
export const LookupRequest = z.strictObject({
  resident: ResidentKey,
  categories: z.array(Category).min(1).max(3),
  from: DateOrInstant.optional(),
  to: DateOrInstant.optional(),
  visit: Visit,
  purpose: Purpose,
});
export type LookupRequest = Exact<z.output<typeof LookupRequest>>;

/** What one permitted source said. `more` = the answer was cut at its bound; `count` = reports and studies, not their parts. */
export const LookupLine = z.object({
  source: InstitutionCode,
  name: z.string(),
  category: Category.optional(),
  outcome: z.enum(["answered", "nothing", "refused", "timed-out", "failed", "more"]),
  count: z.int().min(0),
});
export type LookupLine = Presented<z.output<typeof LookupLine>>;

/** Answer of `POST /lookups`: the same for every resident, known or not. */
export const LookupAccepted = z.object({ id: WorkId, status: z.literal("accepted"), note: z.string() });

/** Answer of `GET /lookups/{id}`: a line per permitted source. */
export const LookupState = z.object({
  id: WorkId,
  status: z.enum(["waiting", "running", "completed", "failed"]),
  lines: z.array(LookupLine),
  note: z.string(),
});
export type LookupState = Presented<z.output<typeof LookupState>>;

/** Query of `GET /lookups/{id}/results`: one source only; wait up to so many seconds for the lookup's end. */
export const ResultsQuery = z.strictObject({
  source: InstitutionCode.optional(),
  wait: z.coerce.number().int().min(0).max(30).optional(),
});
