import type { Measure as MeasureResource } from "@medplum/fhirtypes";
import { systems } from "../../fhir/systems.ts";
import { figuresMeasure } from "./measure-report.ts";
import { dimensions, type Measure, measures, measuresOf } from "./measures.ts";
import { rateTexts } from "./rates.ts";

/** Id under `/fhir/Measure`. */
export const figuresMeasureId = "recognition-figures";

const bases = { match: "提醒时间", said: "答复时间", examined: "检查检验时间" } as const;

/** What the figures count, as the FHIR Measure that every MeasureReport of ours names: one population per measure, in 项次 and 人次, as recogniser and as recognised. */
export function publishFiguresMeasure(): MeasureResource {
  return {
    resourceType: "Measure",
    id: figuresMeasureId,
    url: figuresMeasure,
    version: "1.0.0",
    name: "RecognitionFigures",
    title: "检查检验结果互认统计",
    status: "active",
    experimental: false,
    date: "2026-11-22",
    publisher: "Hutong",
    description:
      "Counted from the AuditEvents that tell the facts of recognition; a month is settled when it is over and the answer window of its last reminders.",
    scoring: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/measure-scoring", code: "cohort" }] },
    rateAggregation: Object.values(rateTexts).join("\n"),
    group: [
      groupOf("recogniser", "互认方（项次）", measuresOf("recogniser", "items")),
      groupOf("recogniser-visits", "互认方（人次）", measuresOf("recogniser", "visits")),
      groupOf("recognised", "被互认方（项次）", measuresOf("recognised", "items")),
      groupOf("recognised-visits", "被互认方（人次）", measuresOf("recognised", "visits")),
    ],
  };
}

function groupOf(code: string, title: string, names: readonly Measure[]): NonNullable<MeasureResource["group"]>[number] {
  return {
    code: coded(code, title),
    population: names.map((name) => {
      const { title: display, base, text } = measures[name];
      const description = `${text}. 统计时间：${bases[base]}`;
      return { code: coded(name, display), description, criteria: { language: "text/fhirpath", expression: name } };
    }),
    stratifier: dimensions.map((dimension) => ({
      code: coded(dimension),
      criteria: { language: "text/fhirpath", expression: dimension },
    })),
  };
}

function coded(code: string, display?: string) {
  return { coding: [{ system: systems.recognitionFigures, code, ...(display === undefined ? {} : { display }) }] };
}
