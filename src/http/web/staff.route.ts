import { json, orInvalid } from "../answers.ts";
import { Explained, ExplanationRequest, Institutions } from "../contract/explanation.ts";
import { FiguresQuery, RecognitionFigures } from "../contract/figures.ts";
import { mayOpenPages, mayReadFigures } from "../entitle.ts";
import { figuresCsv } from "../serve/figures-csv.ts";
import { ofPage, type PageRoute } from "./run-session.ts";

/** What the pages of the hospital's staff ask for. */
export const staffRoutes: readonly PageRoute[] = [
  ofPage({
    method: "get",
    path: "/institutions",
    page: "staff",
    policy: mayOpenPages,
    handle: async (_ask, useCases) => json(Institutions, { institutions: await useCases.listInstitutions() }),
  }),
  ofPage({
    method: "post",
    path: "/explanations",
    page: "staff",
    policy: mayOpenPages,
    body: ExplanationRequest,
    async handle({ caller, body: facts }, useCases) {
      const { explanation } = orInvalid(await useCases.explainDecision({ caller, facts }));
      return json(Explained, explanation);
    },
  }),
  ofPage({
    method: "get",
    path: "/figures",
    page: "staff",
    policy: mayReadFigures,
    query: FiguresQuery,
    async handle({ caller, query }, useCases) {
      const { figures } = orInvalid(await useCases.recognitionFigures({ caller, query }));
      if (query.format !== "csv") return json(RecognitionFigures, figures);
      return { kind: "text", status: 200, type: "text/csv; charset=utf-8", text: figuresCsv(figures) };
    },
  }),
];
