import type {
  MeasureReport,
  MeasureReportGroup,
  MeasureReportGroupPopulation,
  MeasureReportGroupStratifier,
  MeasureReportGroupStratifierStratum,
} from "@medplum/fhirtypes";
import { institutionReference } from "../../fhir/reference.ts";
import { systems } from "../../fhir/systems.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { type Dimension, dimensions, type Measure, measureNames, measures, measuresOf, type Role } from "./measures.ts";
import type { Month } from "./month.ts";
import type { BrokenDown, MonthFigures, Tally } from "./tally.ts";

/** Canonical of the Measure that says what is counted; `profiles/measures/recognition-figures.json`. */
export const figuresMeasure = "https://hutong.example/fhir/Measure/recognition-figures";

/** A group of the report: whose view, in 项次 or 人次. */
const groups = [
  { code: "recogniser", role: "recogniser", unit: "items", title: "互认方（项次）" },
  { code: "recogniser-visits", role: "recogniser", unit: "visits", title: "互认方（人次）" },
  { code: "recognised", role: "recognised", unit: "items", title: "被互认方（项次）" },
  { code: "recognised-visits", role: "recognised", unit: "visits", title: "被互认方（人次）" },
] as const satisfies readonly { code: string; role: Role; unit: keyof Tally; title: string }[];

/** The one id of an institution's figures of a month, so that computing them again meets what is stored. */
export function figuresId(suite: Pick<CryptoSuite, "computeId">, institution: string, month: string): ResourceId {
  return suite.computeId("DEFAULT", "MeasureReport", "recognition-figures", institution, month) as ResourceId;
}

/** An institution's month as a MeasureReport: `pending` until it is settled. `figuresIn` reads the same figures back. */
export function measureReport(
  figures: MonthFigures,
  as: { readonly id: string; readonly month: Month; readonly at: Date },
): MeasureReport {
  const last = new Date(as.month.until.getTime() - 1);
  return {
    resourceType: "MeasureReport",
    id: as.id,
    identifier: [{ system: systems.recognitionFigures, value: `${figures.institution}/${figures.month}` }],
    status: figures.settled ? "complete" : "pending",
    type: "summary",
    measure: figuresMeasure,
    date: instant(as.at),
    reporter: institutionReference(figures.institution),
    period: { start: instant(as.month.from), end: instant(last) },
    group: groups.map((group) => groupOf(group, figures)),
  };
}

type Group = (typeof groups)[number];

function groupOf({ code, role, unit, title }: Group, figures: MonthFigures): MeasureReportGroup {
  const broken = figures[role];
  const names = measuresOf(role, unit);
  return {
    code: coded(code, title),
    // As the Measure has them, those of 0 too: a receiver tells "none" from "not counted".
    population: names.map((name) => populationOf(name, broken.total[unit][name] ?? 0)),
    stratifier: dimensions.map((dimension) => ({
      code: [coded(dimension)],
      ...strataFor(dimension, { names, unit }, figures, broken),
    })),
  };
}

function strataFor(
  dimension: Dimension,
  { names, unit }: { names: readonly Measure[]; unit: keyof Tally },
  { departments }: MonthFigures,
  broken: BrokenDown,
): Pick<MeasureReportGroupStratifier, "stratum"> {
  const stratum = Object.entries(broken.by[dimension]).flatMap(([key, tally]): MeasureReportGroupStratifierStratum[] => {
    const counted = names.filter((name) => (tally[unit][name] ?? 0) !== 0);
    const name = dimension === "department" ? departments[key] : undefined;
    const system = `${systems.recognitionFigures}:${dimension}`;
    const value = { coding: [{ system, code: key, ...(name === undefined ? {} : { display: name }) }], text: name ?? key };
    const population = counted.map((one) => populationOf(one, tally[unit][one] ?? 0));
    return population.length === 0 ? [] : [{ value, population }];
  });
  return stratum.length === 0 ? {} : { stratum };
}

function populationOf(name: Measure, count: number): MeasureReportGroupPopulation {
  return { code: coded(name, measures[name].title), count };
}

function coded(code: string, display?: string) {
  return { coding: [{ system: systems.recognitionFigures, code, ...(display === undefined ? {} : { display }) }] };
}

/** The figures a MeasureReport of ours holds; undefined for any other. */
export function figuresIn(report: MeasureReport): MonthFigures | undefined {
  const name = report.identifier?.find((one) => one.system === systems.recognitionFigures)?.value;
  const [institution, month] = name?.split("/") ?? [];
  if (institution === undefined || month === undefined) return undefined;
  const group = (code: Group["code"]) => report.group?.find((one) => codeOf(one.code) === code);
  const broken = (items: Group["code"], visits: Group["code"]) => brokenOf(group(items), group(visits));
  return {
    institution,
    month,
    settled: report.status === "complete",
    recogniser: broken("recogniser", "recogniser-visits"),
    recognised: broken("recognised", "recognised-visits"),
    departments: departmentsOf(group("recogniser")),
  };
}

function brokenOf(items: MeasureReportGroup | undefined, visits: MeasureReportGroup | undefined): BrokenDown {
  const by = dimensions.map((dimension) => {
    const [ofItems, ofVisits] = [strataOf(items, dimension), strataOf(visits, dimension)];
    const keys = [...new Set([...ofItems.keys(), ...ofVisits.keys()])].sort();
    const rows = keys.map((key) => [key, { items: countsOf(ofItems.get(key)), visits: countsOf(ofVisits.get(key)) }]);
    return [dimension, Object.fromEntries(rows)];
  });
  return { total: { items: countsOf(items), visits: countsOf(visits) }, by: Object.fromEntries(by) as BrokenDown["by"] };
}

function strataOf(
  group: MeasureReportGroup | undefined,
  dimension: Dimension,
): Map<string, MeasureReportGroupStratifierStratum> {
  const stratifier = group?.stratifier?.find((one) => codeOf(one.code?.[0]) === dimension);
  return new Map((stratifier?.stratum ?? []).map((one) => [codeOf(one.value) ?? "", one]));
}

function countsOf(of: { readonly population?: readonly MeasureReportGroupPopulation[] } | undefined): Tally["items"] {
  const known: ReadonlySet<string> = new Set(measureNames);
  const counts = (of?.population ?? []).flatMap(({ code, count }) => {
    const name = codeOf(code);
    return name !== undefined && known.has(name) && count !== undefined && count !== 0
      ? [[name as Measure, count] as const]
      : [];
  });
  return Object.fromEntries(counts);
}

function departmentsOf(group: MeasureReportGroup | undefined): Record<string, string> {
  const strata = [...strataOf(group, "department").values()];
  const named = strata.flatMap(({ value }) => {
    const { code, display } = value?.coding?.[0] ?? {};
    return code === undefined || display === undefined ? [] : [[code, display] as const];
  });
  return Object.fromEntries(named);
}

function codeOf(concept: { readonly coding?: readonly { readonly code?: string }[] } | undefined): string | undefined {
  return concept?.coding?.[0]?.code;
}
