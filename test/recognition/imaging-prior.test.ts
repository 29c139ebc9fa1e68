import { beforeAll, describe, expect, it } from "@jest/globals";
import type { DiagnosticReport, ImagingStudy } from "@medplum/fhirtypes";
import { institutionReference } from "../../src/fhir/reference.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import type { Catalogue } from "../../src/recognition/catalogue.ts";
import { type Examination, examinationsOf, priorOfExamination } from "../../src/recognition/imaging-prior.ts";
import type { Prior } from "../../src/recognition/prior.ts";
import { examinationOf } from "./described-results.ts";
import { now } from "./generated.ts";
import { linhuCatalogue } from "./laboratory.ts";

let catalogue: Catalogue;
let whole: { readonly report: DiagnosticReport; readonly study: ImagingStudy };
beforeAll(async () => {
  catalogue = await linhuCatalogue(now);
  whole = examinationOf(
    { examination: "mammogram", coded: false, modality: "MG", site: "乳腺", words: "平扫" },
    catalogue,
  ) as typeof whole;
});
const read = (examination: Examination): Prior | undefined =>
  priorOfExamination(examination, { source: "a-provincial" as InstitutionCode, linkBasis: "number" }, catalogue);

/** The study with a series for each side. */
function sided(...codes: string[]): Examination {
  const [series] = whole.study.series ?? [];
  const sides = codes.map((code) => ({ uid: `2.25.${code}`, modality: { code: "MG" }, ...series, laterality: { code } }));
  return { ...whole, study: { ...whole.study, series: sides } };
}

describe("an examination read from its report and study", () => {
  it.each`
    said                                  | codes                      | side         | item
    ${"left is left"}                     | ${["L"]}                   | ${"left"}    | ${undefined}
    ${"a series of each side is both"}    | ${["L", "R"]}              | ${"both"}    | ${"mammogram"}
    ${"so it is in SNOMED CT"}            | ${["7771000", "24028007"]} | ${"both"}    | ${"mammogram"}
    ${"said in one code it is both"}      | ${["51440002"]}            | ${"both"}    | ${"mammogram"}
    ${"a side nobody knows is none told"} | ${["X"]}                   | ${undefined} | ${undefined}
  `("$said", ({ codes, side, item }) => {
    const prior = read(sided(...(codes as string[])));
    expect([prior?.study?.laterality, prior?.item]).toEqual([side, item]);
  });

  it("names who measured: the report's performer, else the series'", () => {
    const [series] = whole.study.series ?? [];
    const performed = { uid: "2.25.9", ...series, performer: [{ actor: institutionReference("b-central") }] };
    const study = { ...whole.study, series: [performed] } as ImagingStudy;
    const { performer: _left, ...unnamed } = whole.report;
    expect(read({ report: whole.report, study })?.laboratory).toBe("a-provincial");
    expect(read({ report: unnamed, study })?.laboratory).toBe("b-central");
    expect(read({ report: unnamed, study: whole.study })?.laboratory).toBeUndefined();
  });

  it("stands alone where report and study do not name each other, and is none without both", () => {
    const stranger = { ...whole.study, id: "h9s" };
    expect(examinationsOf([whole.report], [whole.study])).toEqual([whole]);
    expect(examinationsOf([whole.report], [stranger])).toEqual([{ report: whole.report }, { study: stranger }]);
    expect(read({})).toBeUndefined();
  });

  it("of a cancelled study is void, whatever its report says", () =>
    expect(read({ ...whole, study: { ...whole.study, status: "cancelled" } })?.status).toBe("void"));
});
