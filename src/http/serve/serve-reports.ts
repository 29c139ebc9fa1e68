import type { DiagnosticReport, ImagingStudy, Observation } from "@medplum/fhirtypes";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import type { CheckDeps } from "../../ordering/check/check-deps.ts";
import { type ReadReport, readReport } from "../../ordering/check/read-report.ts";
import { tellUses } from "../../ordering/outcomes/tell-uses.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import { priorOfObservation, wordsOf } from "../../recognition/prior.ts";
import type { ReportShown } from "../contract/report.ts";
import type { UseCases } from "../use-cases.ts";
import { askerOf } from "./asker.ts";

/** The report behind a shown result: reading it is a disclosure, and is told as 调阅. */
export function serveReports(deps: CheckDeps): Pick<UseCases, "readReport"> {
  return {
    async readReport({ caller, id, result }) {
      const asker = askerOf(caller);
      const read = await readReport(deps, { asker, check: id, ...result });
      if (read === undefined || read.kind !== "read") return read;
      await tellUses(deps, { asker, check: id, kind: "viewed", uses: [result] });
      const { catalogue } = await deps.recognitionData();
      return { kind: "read", report: presented(read, { catalogue, nameOf: (code) => deps.institutionOf(code)?.name ?? code }) };
    },
  };
}

function presented(
  { source, report, results, studies, about }: ReadReport,
  { catalogue, nameOf }: { catalogue: Catalogue; nameOf: (code: string) => string },
): ReportShown {
  const rows = results.map((one) => rowOf(one, { catalogue, asked: one.id === about.address.id }));
  return {
    source: source as InstitutionCode,
    sourceName: nameOf(source),
    ...headOf(report, results[0], catalogue),
    results: rows,
    studies: studies.map(studyOf),
  };
}

function headOf(report: DiagnosticReport | undefined, first: Observation | undefined, catalogue: Catalogue) {
  const title = report?.code.text ?? report?.code.coding?.[0]?.display;
  const collected = catalogue.instantOf(report?.effectiveDateTime ?? first?.effectiveDateTime);
  const reported = catalogue.instantOf(report?.issued ?? first?.issued);
  return {
    ...(title === undefined ? {} : { title }),
    ...(collected === undefined ? {} : { collectedAt: instant(collected) }),
    ...(reported === undefined ? {} : { reportedAt: instant(reported) }),
    ...(report?.conclusion === undefined ? {} : { conclusion: report.conclusion }),
  };
}

function rowOf(observation: Observation, { catalogue, asked }: { catalogue: Catalogue; asked: boolean }) {
  const found = { source: "" as InstitutionCode, linkBasis: "number" };
  const { item, value, unit, referenceRange } = priorOfObservation(observation, found, catalogue);
  const name = observation.code.text ?? catalogue.items.get(item ?? "")?.name ?? wordsOf(observation.code)[0] ?? "";
  const flag = observation.interpretation?.[0]?.coding?.[0]?.code;
  return {
    name,
    asked,
    ...(value === undefined ? {} : { value }),
    ...(unit === undefined ? {} : { unit }),
    ...(referenceRange === undefined ? {} : { referenceRange }),
    ...(flag === undefined || flag === "N" ? {} : { flag }),
  };
}

function studyOf({ modality, description, started, numberOfInstances }: ImagingStudy) {
  const codes = modality?.flatMap((one) => one.code ?? []).join("/");
  return {
    ...(codes ? { modality: codes } : {}),
    ...(description === undefined ? {} : { description }),
    ...(started === undefined ? {} : { startedAt: started }),
    ...(numberOfInstances === undefined ? {} : { images: numberOfInstances }),
  };
}
