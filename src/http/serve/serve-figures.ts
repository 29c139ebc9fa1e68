import type { Bundle, MeasureReport } from "@medplum/fhirtypes";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { FiguresDeps } from "../../ordering/figures/figures-deps.ts";
import { fillReturn } from "../../ordering/figures/fill-return.ts";
import { groupFigures, levelOf, type Names } from "../../ordering/figures/group-figures.ts";
import { figuresId, measureReport } from "../../ordering/figures/measure-report.ts";
import { measures } from "../../ordering/figures/measures.ts";
import { monthAt, monthNamed } from "../../ordering/figures/month.ts";
import { rateTexts } from "../../ordering/figures/rates.ts";
import { type FiguresRead, type FoundMonth, readFigures } from "../../ordering/figures/read-figures.ts";
import type { ReturnTemplate } from "../../ordering/figures/return-template.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import type { Caller } from "../caller.ts";
import type { FiguresQuery, FilledReturn, RecognitionFigures } from "../contract/figures.ts";
import type { UseCases, Wrong } from "../use-cases.ts";

/** Figures, and the returns of authorities that are made of them, by name. */
interface ServeFiguresDeps extends FiguresDeps {
  readonly returns: ReadonlyMap<string, ReturnTemplate>;
}

interface Asked {
  readonly from: string;
  readonly until: string;
  readonly institutions: readonly InstitutionCode[];
  readonly recount?: boolean;
}

/** The figures of recognition: an institution its own, an operator everybody's. */
export function serveFigures(deps: ServeFiguresDeps): Pick<UseCases, "recognitionFigures" | "figureReports" | "fillReturn"> {
  return {
    async recognitionFigures({ caller, query }) {
      const { asked, catalogue } = await askedBy(deps, caller, query);
      const read = await readFigures(deps, asked);
      if (read.kind === "wrong") return wrongOf(read);
      return { kind: "read", figures: figuresOf(deps, { asked, query, catalogue, months: read.months }) };
    },
    async figureReports({ caller, query }) {
      const { asked, catalogue } = await askedBy(deps, caller, query);
      const read = await readFigures(deps, asked);
      if (read.kind === "wrong") return wrongOf(read);
      return { kind: "read", reports: bundleOf(deps, catalogue, read.months) };
    },
    async fillReturn({ name, query }) {
      const template = deps.returns.get(name);
      if (template === undefined) return undefined;
      const { catalogue, certificates } = await deps.recognitionData();
      const asked = { ...periodOf(deps, catalogue, query), institutions: deps.institutions.map((one) => one.code) };
      const read = await readFigures(deps, asked);
      if (read.kind === "wrong") return wrongOf(read);
      const months = read.months.map((one) => one.figures);
      const today = catalogue.dayOf(deps.now());
      const last = catalogue.dayOf(new Date(monthNamed(catalogue.head.utcOffset, asked.until).until.getTime() - 1));
      const day = last < today ? last : today;
      const rows = fillReturn(template, { months, institutions: deps.institutions, catalogue, certificates, day, today });
      const { columns } = template;
      const settled = months.every((one) => one.settled);
      const filled: FilledReturn = { ...template.return, from: asked.from, until: asked.until, settled, columns, rows };
      return { kind: "read", filled };
    },
  };
}

/** Throws `Fault("not-entitled")` when an institution asks for another's figures. */
async function askedBy(
  deps: ServeFiguresDeps,
  caller: Caller,
  query: Pick<FiguresQuery, "from" | "until" | "institution" | "recount">,
): Promise<{ readonly asked: Asked; readonly catalogue: Catalogue }> {
  const { catalogue } = await deps.recognitionData();
  const all = deps.institutions.map((one) => one.code);
  const own = caller.kind === "operator" ? undefined : caller.institution;
  if (caller.kind !== "operator" && (own === undefined || (query.institution !== undefined && query.institution !== own)))
    throw new Fault("not-entitled");
  const one = own ?? all.find((code) => code === query.institution);
  if (query.institution !== undefined && one === undefined)
    throw new Fault("request-invalid", { problems: [{ field: "institution", reason: "is no institution of the region" }] });
  const institutions = one === undefined ? all : [one];
  return { catalogue, asked: { ...periodOf(deps, catalogue, query), institutions, recount: query.recount === "true" } };
}

/** Both absent = this month; one alone = that month. */
function periodOf(
  deps: Pick<FiguresDeps, "now">,
  catalogue: Catalogue,
  { from, until }: { readonly from?: string | undefined; readonly until?: string | undefined },
): { readonly from: string; readonly until: string } {
  const current = monthAt(catalogue.head.utcOffset, deps.now()).name;
  return { from: from ?? until ?? current, until: until ?? from ?? current };
}

interface ToPresent {
  readonly asked: Asked;
  readonly query: Pick<FiguresQuery, "by" | "role">;
  readonly catalogue: Catalogue;
  readonly months: readonly FoundMonth[];
}

function figuresOf(deps: ServeFiguresDeps, { asked, query, catalogue, months }: ToPresent): RecognitionFigures {
  const { by, role } = query;
  const names = namesOf(deps, catalogue);
  const figures = months.map((one) => one.figures);
  return {
    from: asked.from,
    until: asked.until,
    countedAt: instant(deps.now()),
    institutions: asked.institutions.map((code) => {
      const party = names.institutionOf(code);
      return { code, name: party?.name ?? code, level: levelOf(party) };
    }),
    role,
    by,
    settled: figures.every((one) => one.settled),
    sources: {
      stored: months.filter((one) => one.source === "stored").length,
      counted: months.filter((one) => one.source === "counted").length,
    },
    ...groupFigures(figures, { by, role, names }),
    measures,
    rates: rateTexts,
  };
}

function namesOf({ institutions }: ServeFiguresDeps, catalogue: Catalogue): Names {
  return {
    institutionOf: (code) => institutions.find((one) => one.code === code),
    itemName: (id) => catalogue.items.get(id)?.name,
    reasonName: (code) => catalogue.declineReasons.find((one) => one.code === code)?.label,
  };
}

/** The same figures as MeasureReports; what nothing happened in has none. */
function bundleOf(deps: ServeFiguresDeps, catalogue: Catalogue, months: readonly FoundMonth[]): Bundle<MeasureReport> {
  const told = months.filter(
    ({ figures }) =>
      figures.settled ||
      Object.keys(figures.recogniser.total.items).length > 0 ||
      Object.keys(figures.recognised.total.items).length > 0,
  );
  return {
    resourceType: "Bundle",
    type: "collection",
    timestamp: instant(deps.now()),
    entry: told.map(({ figures }) => {
      const id = figuresId(deps.suite, figures.institution, figures.month);
      const month = monthNamed(catalogue.head.utcOffset, figures.month);
      return {
        fullUrl: `urn:hutong:recognition-figures:${figures.institution}:${figures.month}`,
        resource: measureReport(figures, { id, month, at: deps.now() }),
      };
    }),
  };
}

function wrongOf({ field, reason }: Extract<FiguresRead, { kind: "wrong" }>): Wrong {
  return { kind: "wrong", problems: [{ field, reason }] };
}
