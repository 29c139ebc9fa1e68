import { flagOf } from "./a-tb.ts";
import { type Allergy, noCare, type Vaccination } from "./care.ts";
import type { History, ImagingReport, LabSheet, LocalPerson, SampleExport, Visit } from "./events.ts";
import { panels, printedRange, printedValue } from "./items.ts";
import { markRule } from "./marks.ts";
import { sites } from "./sites.ts";
import { dashedDay, day8, later, minuteMs, stamp } from "./time.ts";

/** One record of B's export; nested rows stand under the name of their table. */
export interface BRecord {
  [field: string]: string | null | BRecord[];
}

export type BTable = "T_PATIENT" | "T_VISIT" | "T_TEST_REC" | "T_CHECK_REC" | "T_ALLERGY" | "T_IMMUNIZATION";
export type BTables = Record<BTable, BRecord[]>;

const organisation = { org_code: sites.b.code, org_name: sites.b.name };

/** What B writes about a slice of history. Every second sheet comes through gateway QZJ02, which prints local times with a Z. */
export function bTables(history: History, exportedAt: Date): BTables {
  const { care = noCare } = history;
  const inB = (visit: Visit) => visit.patient.site.key === "b";
  return {
    T_PATIENT: history.patients.filter((one) => one.site.key === "b").map((one) => patientRecord(one, exportedAt)),
    T_VISIT: history.visits.filter(inB).map((visit) => visitRecord(visit, exportedAt)),
    T_TEST_REC: history.sheets.filter((sheet) => inB(sheet.visit)).map((sheet, at) => testRecord(sheet, at)),
    T_CHECK_REC: history.imaging.filter((one) => inB(one.visit)).map(checkRecord),
    T_ALLERGY: care.allergies.filter((one) => one.patient.site.key === "b").map((one) => allergyRecord(one, exportedAt)),
    T_IMMUNIZATION: care.vaccinations
      .filter((one) => one.patient.site.key === "b")
      .map((one) => vaccinationRecord(one, exportedAt)),
  };
}

/** The one file of B's export. */
export function bExport(tables: BTables, name: string, createdAt: Date): SampleExport {
  const head = { gateway_name: "QZJ01", ...organisation, batch_no: `B${name}`, create_time: stamp(createdAt) };
  return {
    feed: "b-snake",
    name,
    files: [{ name: `b_export_${name}.json`, bytes: Buffer.from(JSON.stringify({ ...head, ...tables }, null, 1), "utf8") }],
  };
}

function patientRecord({ person, card, file }: LocalPerson, exportedAt: Date): BRecord {
  return {
    org_code: organisation.org_code,
    patient_id: file,
    id_type: person.documentType ?? "01",
    id_no: person.number,
    name: person.name,
    sex_code: person.sex,
    birth_date: person.birthDate.replaceAll("-", ""),
    nation_code: "01",
    tel_no: person.phone,
    addr: person.address,
    card_no: card,
    card_type: "01",
    health_card_id: person.healthCard ?? "",
    insurance_no: person.insurance ?? "",
    guardian_name: person.guardian?.name ?? "",
    guardian_id_no: person.guardian?.number ?? "",
    guardian_tel: person.guardian?.phone ?? "",
    newborn_flag: person.newborn ? "1" : "0",
    secret_level: "0",
    update_time: stamp(exportedAt),
  };
}

function visitRecord(visit: Visit, exportedAt: Date): BRecord {
  return {
    org_code: organisation.org_code,
    business_no: visit.number,
    patient_id: visit.patient.file,
    visit_type: { outpatient: "1", inpatient: "2", emergency: "3" }[visit.kind],
    dept_code: visit.department.code,
    dept_name: visit.department.name,
    doctor_name: visit.doctor.name,
    visit_time: stamp(visit.start),
    out_time: visit.end === undefined || visit.end > exportedAt ? "" : stamp(visit.end),
    secret_level: "0",
    invalid_flag: "0",
    update_time: stamp(exportedAt),
  };
}

function testRecord(sheet: LabSheet, at: number): BRecord {
  const { visit } = sheet;
  const panel = panels[sheet.results[0]?.item.panel ?? "ELEC"];
  const gateway = at % 2 === 0 ? "QZJ01" : "QZJ02";
  const marked = sheet.results.some(({ item, mark }) => (mark ?? markRule("b-central", item).mark ?? "") !== "");
  return {
    ...organisation,
    patient_id: visit.patient.file,
    business_no: visit.number,
    test_report_no: sheet.number,
    test_report_date: at % 3 === 0 ? day8(sheet.reportedAt) : dashedDay(sheet.reportedAt),
    sample_time: gateway === "QZJ02" ? `${stamp(sheet.collectedAt).replace(" ", "T")}Z` : stamp(sheet.collectedAt),
    accept_sample_time: stamp(sheet.receivedAt),
    test_audit_time: sheet.reviewedAt === undefined ? "" : stamp(sheet.reviewedAt),
    exam_item_code: panel.code,
    exam_item_name: panel.name,
    specimen_code: panel.specimen === "全血" ? "01" : "02",
    specimen_name: panel.specimen,
    apply_doctor_name: visit.doctor.name,
    report_doctor_name: sheet.reviewer.name,
    audit_doctor_name: sheet.reviewedAt === undefined ? "" : sheet.reviewer.name,
    report_clinial_diag: "-",
    mtuRecMark: marked ? "1" : "0",
    mtuRecLimitMark: "",
    secret_level: "0",
    invalid_flag: sheet.state === "retracted" ? "1" : "0",
    update_time: stamp(later(sheet.reportedAt, minuteMs)),
    gateway_name: gateway,
    T_TESTR_RES_INDICATE: sheet.results.map((result, row) => indicatorRecord(sheet, result, row)),
  };
}

function indicatorRecord(sheet: LabSheet, result: LabSheet["results"][number], row: number): BRecord {
  const { item } = result;
  const mark = result.mark ?? markRule("b-central", item).mark ?? "";
  return {
    test_report_no: sheet.number,
    row_no: String(row + 1),
    test_proj_code_exp: item.local.b.code,
    test_proj_name_exp: item.local.b.name,
    dataCode: "",
    dataName: "",
    // The hospital fills the LOINC column for some items only, as one finds it.
    loinc_code: row % 3 === 0 ? item.loinc : "",
    test_index_result: printedValue(item, "b", result.value),
    test_index_uint: item.local.b.unit,
    normal_ref_limit: printedRange(item, "b"),
    anomaly_code: flagOf(item, result.value),
    critical_sign: "0",
    critical_lower_limit: "",
    critical_upper_limit: null,
    instrument_name: item.panel === "CBC" ? "血细胞分析仪" : "全自动生化分析仪",
    inspection_methods: item.key === "CREA" ? "酶法" : item.panel === "HEPB" ? "化学发光法" : "比色法",
    mtuRecMark: mark === "" ? "0" : "1",
    mtuRecLimitMark: mark,
    update_time: stamp(later(sheet.reportedAt, minuteMs)),
  };
}

function checkRecord(report: ImagingReport): BRecord {
  const { visit, item } = report;
  return {
    ...organisation,
    patient_id: visit.patient.file,
    business_no: visit.number,
    check_report_no: report.number,
    study_instance_uid: report.studyUid,
    modality: item.modality,
    check_item_code: item.code_b,
    check_item_name: item.name,
    check_site_code: "-",
    check_site_name: item.site,
    check_method: item.method,
    apply_time: stamp(report.orderedAt),
    check_time: stamp(report.performedAt),
    check_report_date: stamp(report.reportedAt),
    check_audit_time: stamp(report.reviewedAt),
    check_finding: item.finding,
    check_conclusion: item.impression,
    positive_flag: item.impression.includes("未见") ? "0" : "1",
    report_doctor_name: report.reviewer.name,
    audit_doctor_name: report.reviewer.name,
    mtuRecMark: report.mark === undefined ? "0" : "1",
    mtuRecLimitMark: report.mark ?? "",
    secret_level: "0",
    invalid_flag: report.state === "retracted" ? "1" : "0",
    update_time: stamp(later(report.reviewedAt, minuteMs)),
    gateway_name: "QZJ01",
  };
}

function allergyRecord(one: Allergy, exportedAt: Date): BRecord {
  return {
    org_code: organisation.org_code,
    allergy_no: one.number,
    patient_id: one.patient.file,
    allergen_type: one.kind,
    allergen_name: one.substance,
    reaction: one.reaction,
    severity_code: one.severity,
    clinical_state: one.state,
    record_time: stamp(one.at),
    invalid_flag: "0",
    secret_level: "0",
    update_time: stamp(exportedAt),
  };
}

function vaccinationRecord(one: Vaccination, exportedAt: Date): BRecord {
  return {
    org_code: organisation.org_code,
    vaccination_no: one.number,
    patient_id: one.patient.file,
    vaccine_code: one.code,
    vaccine_name: one.name,
    manufacturer: one.maker,
    lot_no: one.lot,
    dose_no: String(one.dose),
    site: "左上臂三角肌",
    vaccinated_at: stamp(one.at),
    invalid_flag: "0",
    update_time: stamp(exportedAt),
  };
}
