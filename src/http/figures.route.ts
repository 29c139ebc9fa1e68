import { figuresMeasureId, publishFiguresMeasure } from "../ordering/figures/figures-measure.ts";
import { json, orInvalid, orNotFound } from "./answers.ts";
import { FiguresQuery, FilledReturn, RecognitionFigures, ReturnName, ReturnQuery } from "./contract/figures.ts";
import { mayOperate, mayReadFigures } from "./entitle.ts";
import { type Answer, guarded, published } from "./route.ts";
import { figuresCsv, returnCsv } from "./serve/figures-csv.ts";

const csvType = "text/csv; charset=utf-8";
const csv = (text: string): Answer => ({ kind: "text", status: 200, type: csvType, text });

/** What recognition comes to: figures of a period, and the returns made of them. */
export const figuresRoutes = [
  guarded({
    method: "get",
    path: "/recognitions/figures",
    summary:
      "Rates, counts and savings of a period by institution, level, month, item, department, reason, setting or partner; as JSON, CSV or MeasureReports",
    errors: "problem",
    policy: mayReadFigures,
    query: FiguresQuery,
    answers: { 200: { description: "The figures; an institution's own, an operator everybody's", schema: RecognitionFigures } },
    async handle({ caller, query }, useCases) {
      if (query.format === "fhir") {
        const { reports } = orInvalid(await useCases.figureReports({ caller, query }));
        return { kind: "fhir", status: 200, resource: reports };
      }
      const { figures } = orInvalid(await useCases.recognitionFigures({ caller, query }));
      return query.format === "csv" ? csv(figuresCsv(figures)) : json(RecognitionFigures, figures);
    },
  }),
  guarded({
    method: "get",
    path: "/recognitions/figures/returns/{name}",
    summary: "A return to an authority, filled for a period; its template is data (profiles/recognition/returns)",
    errors: "problem",
    policy: mayOperate,
    query: ReturnQuery,
    answers: { 200: { description: "A row per class of institutions", schema: FilledReturn } },
    async handle({ param, query }, useCases) {
      const name = orNotFound(ReturnName.safeParse(param).data);
      const { filled } = orInvalid(orNotFound(await useCases.fillReturn({ name, query })));
      return query.format === "csv" ? csv(returnCsv(filled)) : json(FilledReturn, filled);
    },
  }),
];

const fhir = "application/fhir+json";

/** What the figures count, as FHIR, open to everybody like the policy they are about. */
export const measureRoutes = [
  published({
    method: "get",
    path: "/fhir/Measure",
    summary: "What the figures of recognition count",
    errors: "fhir",
    answers: { 200: { description: "A searchset with the one Measure", type: fhir } },
    async handle() {
      const entry = [{ resource: publishFiguresMeasure(), search: { mode: "match" as const } }];
      return { kind: "fhir", status: 200, resource: { resourceType: "Bundle", type: "searchset", total: 1, entry } };
    },
  }),
  published({
    method: "get",
    path: "/fhir/Measure/{resource}",
    summary: "What the figures of recognition count: the Measure that MeasureReports name",
    errors: "fhir",
    answers: { 200: { description: "The Measure", type: fhir } },
    async handle({ param }) {
      const resource = orNotFound(param === figuresMeasureId ? publishFiguresMeasure() : undefined);
      return { kind: "fhir", status: 200, resource };
    },
  }),
];
