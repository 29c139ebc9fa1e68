import { diagnosisTemplate, imagingTemplate } from "./drafts/findings.ts";
import { reportTemplate, resultTemplate } from "./drafts/laboratory.ts";
import { type Maker, type Pen, pen } from "./drafts/pen.ts";
import { patientTemplate, visitTemplate } from "./drafts/people.ts";
import type { DraftTable, TableKind } from "./plan-draft.ts";

/** A template of the draft, or why there is none for a table. */
export interface Draft {
  readonly file: string;
  readonly text: string;
}

/** What the person has to finish before the draft can be used. */
export interface Drafted {
  readonly templates: readonly Draft[];
  readonly todo: readonly string[];
  /** Code tables the templates look codes up in. */
  readonly codeTables: readonly string[];
}

/** Drafts a template for each table whose kind is known; results go into their report where both came. */
export function draftTemplates(feed: string, tables: readonly DraftTable[]): Drafted {
  const todo: string[] = [];
  const templates: Draft[] = [];
  const report = tables.find((table) => table.kind === "lab-report");
  const results = tables.find(
    (table) => table.kind === "lab-result" && (table.within === undefined || table.within === report?.name),
  );
  const join = report === undefined || results === undefined ? undefined : joinOf(report, results);
  for (const table of tables) {
    if (table === results && join !== undefined) continue;
    const draft = makers[table.kind]?.(pen(feed, table), table === report ? join : undefined, results);
    if (draft === undefined)
      todo.push(
        `table ${table.name} (${table.file}): nothing tells what a row is; write a template for it, or take the table out of feed.yaml`,
      );
    else if (typeof draft === "string") todo.push(`table ${table.name}: ${draft}`);
    else templates.push({ file: `${table.name.replaceAll("_", "-")}.yaml`, text: draft.join("\n").concat("\n") });
  }
  for (const table of tables.filter((one) => one.kind === "lab-result" && one !== results))
    if (!templates.some(({ file }) => file === `${table.name.replaceAll("_", "-")}.yaml`))
      todo.push(`table ${table.name}: has no report`);
  const wide = tables.find((table) => table.kind !== "patient" && tellsPatient(pen(feed, table)));
  if (wide !== undefined && !tables.some((table) => table.kind === "patient")) {
    const draft = makers.patient?.(pen(feed, wide));
    if (Array.isArray(draft))
      templates.push({
        file: "patient.yaml",
        text: `# The rows of ${wide.name} tell the patient too; take this out when another feed owns the patients.\n${draft.join("\n")}\n`,
      });
  }
  const codeTables = [
    ...new Set(
      templates.flatMap(({ text }) => [...text.matchAll(/\.(?:code|coding|row)\('([^']+)'/g)].map(([, name]) => name ?? "")),
    ),
  ];
  return { templates, todo, codeTables };
}

function tellsPatient({ has }: Pen): boolean {
  return has("name") && ["birth_date", "identity_number", "sex"].some((concept) => has(concept));
}

/** Column pairs by which results know their report; undefined when there are none. */
function joinOf(report: DraftTable, results: DraftTable): string | undefined {
  if (results.within === report.name)
    return `[${results.columns
      .filter((column) => column.place)
      .map((column) => column.name)
      .join(", ")}]`;
  const pairs = ["institution", "report_date", "report_number"].flatMap((concept) => {
    const [left, right] = [report, results].map((table) => table.columns.find((column) => column.concept === concept)?.name);
    return left === undefined || right === undefined ? [] : [`${left}: ${right}`];
  });
  return pairs.some((pair) => pair !== "") && results.columns.some((column) => column.concept === "report_number")
    ? `{ ${pairs.join(", ")} }`
    : undefined;
}

const makers: Partial<Record<TableKind, Maker>> = {
  patient: patientTemplate,
  visit: visitTemplate,
  "lab-report": reportTemplate,
  "lab-result": resultTemplate,
  "imaging-report": imagingTemplate,
  diagnosis: diagnosisTemplate,
};
