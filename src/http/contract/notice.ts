import { z } from "zod";
import { InstitutionCode, type Presented, WorkId } from "./parts.ts";

/** Query of `GET /notices`. */
export const NoticesQuery = z.strictObject({ state: z.enum(["open", "acknowledged", "all"]).default("open") });

const Place = z.object({
  /** As it was shown: `<institution>/<Type>/<id>/_history/<version>`. */
  evidence: z.string(),
  how: z.enum(["amended", "voided", "certificate-withdrawn", "link-corrected"]),
  at: z.string(),
  practitioner: z.string().optional(),
  check: WorkId.optional(),
  visit: z.string().optional(),
  department: z.string().optional(),
  orders: z.array(z.object({ order: z.string(), item: z.string(), reminder: z.string(), adopted: z.boolean() })).optional(),
  lookup: WorkId.optional(),
});

/** Something that an institution was shown or relied on does not stand any more, or a fault or false mark that is put before it. */
export const Notice = z.object({
  id: WorkId,
  kind: z.enum(["amended", "voided", "certificate-withdrawn", "link-corrected", "fault-reported", "mark-unsupported"]),
  state: z.enum(["open", "acknowledged"]),
  at: z.string(),
  /** Whose list it is in. */
  institution: InstitutionCode,
  /** What it is about: `<institution>/<Type>/<id>`. */
  about: z.string(),
  /** Where it was shown to this institution; the operator sees none. */
  places: z.array(Place),
  laboratory: z.string().optional(),
  item: z.string().optional(),
  certificateState: z.string().optional(),
  /** The DetectedIssue in which a fault was reported. */
  issue: z.string().optional(),
  told: z.int(),
  toldAt: z.string(),
  escalatedAt: z.string().optional(),
  acknowledged: z.object({ at: z.string(), client: z.string(), practitioner: z.string().optional() }).optional(),
});
export type Notice = Presented<z.output<typeof Notice>>;

/** Answer of `GET /notices`, newest first; `more` = older ones exist. */
export const NoticeList = z.object({ notices: z.array(Notice), more: z.boolean() });
export type NoticeList = Presented<z.output<typeof NoticeList>>;
