import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** A column of a sample: its place in the file, and the texts met there. */
export interface SampleColumn {
  /** Heading (CSV, xlsx) or path (JSON, HL7, XML). */
  readonly field: string;
  readonly values: readonly string[];
}

/** What a column probably is. */
export interface Guess {
  /** `report_number`, `sex`, …: an entry of concepts.yaml; undefined when nothing fits. */
  readonly concept?: string;
  readonly type: ColumnType;
}

export type ColumnType = "text" | "code" | "integer" | "date" | "date8" | "local_time";

interface Concept {
  readonly zh: string;
  readonly type?: ColumnType;
  readonly names: readonly string[];
  readonly headings: readonly string[];
}

const concepts = parse(readFileSync(new URL("concepts.yaml", import.meta.url), "utf8")) as Readonly<Record<string, Concept>>;
const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");
const byName = new Map(
  Object.entries(concepts).flatMap(([concept, { names }]) => names.map((name) => [plain(name), concept] as const)),
);
const byHeading = Object.entries(concepts)
  .flatMap(([concept, { headings }]) =>
    headings.map((heading) => ({ concept, pattern: new RegExp(heading, "i"), length: heading.length })),
  )
  .sort((a, b) => b.length - a.length);

/** The meaning of a concept, or of a column by its name, in Chinese; "" when it is not known. */
export function meaningOf(name: string): string {
  return concepts[name]?.zh ?? concepts[byName.get(plain(name)) ?? ""]?.zh ?? "";
}

/** Guesses by the column's name first, then by what stands in it; times and codes also by their look. */
export function guessColumn({ field, values }: SampleColumn): Guess {
  const name = field.slice(field.lastIndexOf(".") + 1);
  const heading = field.replace(/\s/g, ""); // 姓 名
  const concept = byName.get(plain(name)) ?? byHeading.find(({ pattern }) => pattern.test(heading))?.concept ?? byValue(values);
  const looks = typeByLook(values);
  const wanted = concept === undefined ? undefined : concepts[concept]?.type;
  const isTime = wanted === "date" || wanted === "local_time";
  const type = concept === undefined || isTime ? (looks ?? wanted ?? "text") : (wanted ?? "text");
  return { ...(concept === undefined ? {} : { concept }), type };
}

const looksLike: readonly (readonly [ColumnType, RegExp])[] = [
  [
    "local_time",
    /^(19|20)\d{2}([-/.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])[T ]?([01]\d|2[0-3]):?[0-5]\d(:?[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/,
  ],
  ["date8", /^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/],
  ["date", /^(19|20)\d{2}([-/.])\d{1,2}\2\d{1,2}$/],
];

/** Every text that is there looks like a time. */
function typeByLook(values: readonly string[]): ColumnType | undefined {
  const there = values.filter((value) => !isAbsent(value));
  if (there.length === 0) return undefined;
  return looksLike.find(([, pattern]) => there.every((value) => pattern.test(value.trim())))?.[0];
}

function byValue(values: readonly string[]): string | undefined {
  const there = values.map((value) => value.trim()).filter((value) => !isAbsent(value));
  if (there.length < 2) return undefined;
  const all = (pattern: RegExp) => there.every((value) => pattern.test(value));
  if (all(/^(\d{17}[\dXx]|\d{15})$/)) return "identity_number";
  if (all(/^1\d{10}$/)) return "phone";
  if (all(/^(男|女|男性|女性)$/)) return "sex";
  return undefined;
}

const absentTexts = [
  "-",
  "--",
  "/",
  "\\",
  "NULL",
  "null",
  "N/A",
  "无",
  "1900-01-01",
  "1900-01-01 00:00:00",
  "19000101",
  "0001-01-01",
];

/** Whether a text says that nothing is there. */
export function isAbsent(value: string): boolean {
  return value.trim() === "" || absentTexts.includes(value.trim());
}

/** The ways of saying "nothing" that were met. */
export function absentIn(columns: readonly SampleColumn[]): string[] {
  const met = new Set(columns.flatMap(({ values }) => values.map((value) => value.trim())));
  return absentTexts.filter((text) => met.has(text));
}
