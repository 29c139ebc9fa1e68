import { aCareTables, cardOf } from "./a-care.ts";
import { type ATable, type ATables, aColumns } from "./a-columns.ts";
import type { History, ImagingReport, LabSheet, LocalPerson, SampleExport, SampleFile, Visit } from "./events.ts";
import { csvText, gb18030, type Row } from "./export-files.ts";
import { panels, printedRange, printedValue } from "./items.ts";
import { markRule } from "./marks.ts";
import type { Site } from "./sites.ts";
import { ageYears, day8, stamp } from "./time.ts";

const notYet = "1900-01-01 00:00:00";

/** What A writes about a slice of history; `uploadedAt` is when its nightly job ran. */
export function aTables(history: History, uploadedAt: Date, inA = (site: Site) => site.key.startsWith("a-")): ATables {
  const visits = history.visits.filter((visit) => inA(visit.patient.site));
  const sheets = history.sheets.filter((sheet) => inA(sheet.visit.patient.site));
  return {
    TB_YL_PATIENT_INFORMATION: history.patients.filter((one) => inA(one.site)).map((one) => patientRow(one, uploadedAt)),
    TB_HIS_MZ_REG: visits.filter((visit) => visit.kind !== "inpatient").map((visit) => registrationRow(visit, uploadedAt)),
    TB_YL_ZY_MEDICAL_RECORD: visits.filter((visit) => visit.kind === "inpatient").map((visit) => stayRow(visit, uploadedAt)),
    TB_LIS_REPORT: sheets.map(reportRow),
    TB_LIS_INDICATORS: sheets.flatMap(indicatorRows),
    TB_RIS_REPORT: history.imaging.filter((one) => inA(one.visit.patient.site)).map(radiologyRow),
    ...aCareTables(history.care, uploadedAt, inA),
    TB_DIC_DEPARTMENT: [],
    TB_DIC_PRACTITIONER: [],
  };
}

/** The files of one of A's exports. A table without rows is left out unless `keepEmpty`. */
export function aExport(
  tables: ATables,
  name: string,
  encode: (text: string, table: ATable) => Buffer = gb18030,
): SampleExport {
  const files: SampleFile[] = [];
  for (const table of Object.keys(aColumns) as ATable[]) {
    if (tables[table].length > 0)
      files.push({ name: `${table}_${name}.csv`, bytes: encode(csvText(aColumns[table], tables[table]), table) });
  }
  return { feed: "a-tb", name, files };
}

function patientRow({ person, site, card, file, registeredAt }: LocalPerson, uploadedAt: Date): Row {
  return {
    YLJGYQDM: site.code,
    KH: card,
    KLX: "01",
    ZJHM: person.number,
    ZJLX: person.documentType ?? "01",
    FKDQ: "990100",
    XB: person.sex,
    XM: person.name,
    HYZK: "90",
    CSRQ: person.birthDate.replaceAll("-", ""),
    CSD: "临湖省临湖市",
    MZ: "01",
    GJ: "CHN",
    SJHM: person.phone,
    ...contactOf(person),
    ...(person.healthCard === undefined ? {} : { GJJKKID: person.healthCard }),
    ...(person.insurance === undefined ? {} : { YLYL1: person.insurance }),
    JZDZ: person.address,
    YWSCSJ: stamp(registeredAt < uploadedAt ? uploadedAt : registeredAt),
    YYDAH: file,
    MJ: "0",
    XGBZ: "1",
  };
}

function contactOf({ guardian }: LocalPerson["person"]): Row {
  return guardian === undefined ? {} : { LXRXM: guardian.name, LXRGX: guardian.relation, LXRDH: guardian.phone };
}

function registrationRow(visit: Visit, uploadedAt: Date): Row {
  return {
    ...cardOf(visit.patient),
    GHBM: visit.number,
    JZLSH: visit.number,
    GHRQ: stamp(visit.start),
    GTHBZ: "1",
    GHKSBM: visit.department.code,
    GHKSMC: visit.department.name,
    YSGH: visit.doctor.id,
    YSXM: visit.doctor.name,
    JZJSSJ: visit.end === undefined ? notYet : stamp(visit.end),
    YWSCSJ: stamp(uploadedAt),
    MJ: "0",
    XGBZ: "1",
  };
}

function stayRow(visit: Visit, uploadedAt: Date): Row {
  const { code, name } = visit.department;
  return {
    ...cardOf(visit.patient),
    JZLSH: visit.number,
    CISID: visit.number.slice(1),
    BAH: visit.patient.file,
    JZLX: "2",
    JZKSBM: code,
    JZKSMC: name,
    CYKSBM: visit.end === undefined ? "-" : code,
    CYKSMC: visit.end === undefined ? "-" : name,
    RYSJ: stamp(visit.start),
    CYSJ: visit.end === undefined || visit.end > uploadedAt ? notYet : stamp(visit.end),
    YWSCSJ: stamp(uploadedAt),
    MJ: "0",
    XGBZ: "1",
  };
}

function reportRow(sheet: LabSheet): Row {
  const { visit } = sheet;
  const { person } = visit.patient;
  const first = sheet.results[0];
  const panel = panels[first?.item.panel ?? "ELEC"];
  const sheetMark = first === undefined ? undefined : markRule(visit.patient.site.institution, first.item).sheet;
  return {
    ...sheetKey(sheet),
    JZLSH: visit.number,
    MZZYBZ: visit.kind === "inpatient" ? "2" : "1",
    ...cardOf(visit.patient),
    YYDAH: visit.patient.file,
    BRXB: person.sex,
    BRNL: `${ageYears(person.birthDate, sheet.collectedAt)}.00`,
    SQYHRYID: visit.doctor.id,
    SQRXM: visit.doctor.name,
    BGYHRYID: sheet.reviewer.id,
    BGRXM: sheet.reviewer.name,
    ...(sheet.reviewedAt === undefined
      ? {}
      : { SHYHRYID: sheet.reviewer.id, SHRXM: sheet.reviewer.name, SHSJ: stamp(sheet.reviewedAt) }),
    SQKS: visit.department.name,
    SQSJ: stamp(sheet.orderedAt),
    CJSJ: stamp(sheet.collectedAt),
    JYSJ: stamp(sheet.receivedAt),
    BGSJ: stamp(sheet.reportedAt),
    DYSJ: notYet,
    BBDM: panel.specimen === "全血" ? "01" : "02",
    BBMC: panel.specimen,
    BGDLBBM: panel.group,
    BGDLB: panel.groupName,
    互认标识: sheetMark ?? "-",
    WJLJ: `\\\\lis\\pdf\\${day8(sheet.reportedAt)}\\${sheet.number}.pdf`,
    MJ: "0",
    XGBZ: sheet.state === "retracted" ? "2" : "1",
  };
}

// The report date of the first issue belongs to the key, so a re-issue repeats it.
function sheetKey(sheet: LabSheet): Row {
  return { YLJGYQDM: sheet.visit.patient.site.code, BGRQ: day8(sheet.collectedAt), BGDH: sheet.number };
}

function indicatorRows(sheet: LabSheet): Row[] {
  const { site } = sheet.visit.patient;
  const key = sheetKey(sheet);
  return sheet.results.map(({ item, value, note, mark }, at) => {
    const local = item.local[site.dialect];
    const printedMark = mark ?? markRule(site.institution, item).mark ?? "-";
    const starred = printedMark === "★";
    return {
      ...key,
      JYZBLSH: `${key.BGRQ}${sheet.number}-${item.key}`,
      MXXMBM: panels[item.panel].code,
      MXXMMC: panels[item.panel].name,
      JYZBDM: local.code,
      JYZBMC: starred ? `★${local.name}` : local.name,
      JYFF: item.panel === "HEPB" ? "化学发光法" : "比色法",
      JYZBJG: printedValue(item, site.dialect, value),
      CKZ: printedRange(item, site.dialect),
      JLDW: local.unit === "" ? "-" : local.unit,
      YCTS: flagOf(item, value),
      YQBH: "YQ01",
      YQMC: "全自动生化分析仪",
      DYXH: String(at + 1),
      YZID: `${sheet.visit.number}-${at + 1}`,
      互认标识: starred || printedMark === "" ? "-" : printedMark,
      检验备注: note ?? "-",
      XGBZ: sheet.state === "retracted" ? "2" : "1",
    };
  });
}

/** 1 正常, 2 异常, 3 偏高, 4 偏低, from canonical value and range. */
export function flagOf(item: { low: number | undefined; high: number | undefined }, value: string): "1" | "2" | "3" | "4" {
  const number = Number(value.replace(/^[<>]/, ""));
  if (Number.isNaN(number)) return value === "阴性" ? "1" : "2";
  if (item.high !== undefined && number > item.high) return "3";
  return item.low !== undefined && number < item.low ? "4" : "1";
}

function radiologyRow(report: ImagingReport): Row {
  const { visit, item } = report;
  return {
    ...cardOf(visit.patient),
    INSTANCEUID: report.number,
    STUDYUID: report.studyUid,
    JZLSH: visit.number,
    MZZYBZ: visit.kind === "inpatient" ? "2" : "1",
    PATIENTID: `RIS${visit.patient.file}`,
    BRXB: visit.patient.person.sex,
    SQDH: `S${report.number}`,
    KDSJ: stamp(report.orderedAt),
    JCSJ: stamp(report.performedAt),
    BGSJ: stamp(report.reportedAt),
    SHSJ: stamp(report.reviewedAt),
    EXAMTYPE: item.modality,
    JCBW: item.site,
    JCFF: item.method,
    JCMC: item.name,
    YYS: item.impression.includes("未见") ? "0" : "1",
    YXBX: item.finding,
    YXZD: item.impression,
    SFYYY: "1",
    BGYSXM: report.reviewer.name,
    SHYSXM: report.reviewer.name,
    互认标识: report.mark ?? "-",
    MJ: "0",
    XGBZ: report.state === "retracted" ? "2" : "1",
  };
}
