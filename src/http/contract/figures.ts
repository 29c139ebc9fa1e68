import { z } from "zod";
import { InstitutionCode, type Presented, ShortText } from "./parts.ts";

const Month = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])$/, "must be a month as in 2026-11")
  .meta({ example: "2026-11" });

const Format = z.enum(["json", "csv", "fhir"]);

/** What a row stands for: an institution, a 级等, a month, an item, a 诊疗科目, a reason, a setting, or the other institution. */
const FiguresBy = z.enum(["institution", "level", "month", "item", "department", "reason", "setting", "partner"]);

/** Query of `GET /recognitions/figures`. Months are those of the region's clock; both absent = this month. */
export const FiguresQuery = z.strictObject({
  from: Month.optional(),
  until: Month.optional(),
  /** Absent = the caller's own, for an operator all. */
  institution: InstitutionCode.optional(),
  /** As the one that orders (互认方), or as the one whose results are recognised (被互认方). */
  role: z.enum(["recogniser", "recognised"]).default("recogniser"),
  by: FiguresBy.default("item"),
  /** `true` = count everything from the events now, also months that are stored. */
  recount: z.enum(["true", "false"]).default("false"),
  format: Format.default("json"),
});
export type FiguresQuery = z.output<typeof FiguresQuery>;

/** Query of `GET /recognitions/figures/returns/{name}`. */
export const ReturnQuery = z.strictObject({
  from: Month.optional(),
  until: Month.optional(),
  format: z.enum(["json", "csv"]).default("json"),
});
export type ReturnQuery = z.output<typeof ReturnQuery>;

const Rate = z.object({ numerator: z.int(), denominator: z.int(), percent: z.number().optional() });
const Counts = z.record(z.string(), z.int());

const Row = z.object({
  /** Code of what the row stands for; `-` = not told. */
  key: z.string(),
  name: z.string(),
  /** By measure, in 项次; what is absent is 0. `savedFen` is money in 分. */
  items: Counts,
  /** The same in 人次: residents on a day at an institution. */
  visits: Counts,
  rates: z.object({ a: Rate, aApart: Rate, aVisits: Rate, b: Rate.optional(), missing: Rate }),
  /** Nothing waits for its answer and no refusal lacks its reason. */
  closed: z.boolean(),
});

/** Answer of `GET /recognitions/figures`. */
export const RecognitionFigures = z.object({
  from: Month,
  until: Month,
  /** When what is not stored was counted. */
  countedAt: z.string(),
  institutions: z.array(z.object({ code: InstitutionCode, name: z.string(), level: z.string() })),
  role: z.enum(["recogniser", "recognised"]),
  by: FiguresBy,
  /** Whether nothing can change these figures any more: every month is over, and the answer windows of its reminders. */
  settled: z.boolean(),
  /** How many months of institutions came from what is stored, and how many were counted now. */
  sources: z.object({ stored: z.int(), counted: z.int() }),
  total: Row,
  rows: z.array(Row),
  /** What each measure counts, and what its month is taken from. */
  measures: z.record(z.string(), z.object({ title: z.string(), base: z.string(), unit: z.string(), text: z.string() })),
  rates: z.record(z.string(), z.string()),
});
export type RecognitionFigures = Presented<z.output<typeof RecognitionFigures>>;

/** Answer of `GET /recognitions/figures/returns/{name}`: a filled return of an authority. */
export const FilledReturn = z.object({
  id: z.string(),
  name: z.string(),
  source: z.string(),
  clause: z.string(),
  provisional: z.boolean(),
  from: Month,
  until: Month,
  settled: z.boolean(),
  columns: z.array(z.object({ id: z.string(), title: z.string() })),
  rows: z.array(z.object({ id: z.string(), title: z.string(), values: z.array(z.number()) })),
});
export type FilledReturn = Presented<z.output<typeof FilledReturn>>;

/** Name of a return in an address. */
export const ReturnName = ShortText.regex(/^[a-z][a-z0-9-]{0,31}$/, "must be the name of a return");
