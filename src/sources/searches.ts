import type { SearchParams } from "../fhir/store.ts";
import { instant } from "../kernel/clock.ts";
import type { Category, Question } from "./answer.ts";

/** Resource types a lookup hands out. */
export type AskedType = "Observation" | "DiagnosticReport" | "ImagingStudy" | "Encounter" | "Condition";

/** One search, without the patients. */
export interface Search {
  readonly type: AskedType;
  /** Only Patients that may be asked about one of these belong in it. */
  readonly categories: readonly Category[];
  readonly params: SearchParams;
  /** Search parameter of the type's clinical date. */
  readonly date: string;
}

interface Searched {
  readonly type: AskedType;
  /** Category asked for → token of the resource's own category; "" = the type needs none. */
  readonly of: Partial<Record<Category, string>>;
  /** Search parameter of its clinical date. */
  readonly date: string;
}

const resultSection = "http://terminology.hl7.org/CodeSystem/observation-category";
const reportSection = "http://terminology.hl7.org/CodeSystem/v2-0074";

const searched: readonly Searched[] = [
  { type: "Observation", of: { lab: `${resultSection}|laboratory` }, date: "date" },
  {
    type: "DiagnosticReport",
    of: { lab: `${reportSection}|LAB`, imaging: `${reportSection}|RAD` },
    date: "date",
  },
  { type: "ImagingStudy", of: { imaging: "" }, date: "started" },
  { type: "Encounter", of: { record: "" }, date: "date" },
  { type: "Condition", of: { record: "" }, date: "recorded-date" },
];

/** The searches that answer a question: one per resource type, whatever the number of categories and institutions. */
export function searchesFor(question: Question, categories: readonly Category[]): Search[] {
  return searched.flatMap(({ type, of, date }) => {
    const asked = categories.filter((category) => of[category] !== undefined);
    if (asked.length === 0) return [];
    const tokens = asked.flatMap((category) => of[category] || []);
    const bounds = [
      ...(question.from === undefined ? [] : [`ge${instant(question.from)}`]),
      ...(question.until === undefined ? [] : [`lt${instant(question.until)}`]),
    ];
    const category = tokens.length === 0 ? {} : { category: tokens.join(",") };
    return [{ type, categories: asked, date, params: { ...category, ...(bounds.length === 0 ? {} : { [date]: bounds }) } }];
  });
}
