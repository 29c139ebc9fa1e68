import type { ATables } from "./a-columns.ts";
import { type Care, type Diagnosis, type DrugOrder, type Examination, noCare, type Operation } from "./care.ts";
import type { LocalPerson, Visit } from "./events.ts";
import type { Row } from "./export-files.ts";
import type { Site } from "./sites.ts";
import { later, minuteMs, stamp } from "./time.ts";

type CareTables = Pick<
  ATables,
  "TB_IH_DIAGNOSIS_DETAIL" | "TB_CIS_DRADVICE_DETAIL" | "TB_IH_OPERATION_DETAIL" | "TB_RIS_REPORT2"
>;

/** A's rows about diagnoses, drug orders and operations. */
export function aCareTables(care: Care = noCare, uploadedAt: Date, at: (site: Site) => boolean): CareTables {
  const inA = ({ visit }: { visit: Visit }) => at(visit.patient.site);
  return {
    TB_IH_DIAGNOSIS_DETAIL: care.diagnoses.filter(inA).map((one) => diagnosisRow(one, uploadedAt)),
    TB_CIS_DRADVICE_DETAIL: care.drugs.filter(inA).map((one) => drugRow(one, uploadedAt)),
    TB_IH_OPERATION_DETAIL: care.operations.filter(inA).map((one) => operationRow(one, uploadedAt)),
    TB_RIS_REPORT2: care.examinations.filter(inA).map(examinationRow),
  };
}

/** The dictionaries of departments and staff as A uploads them with its first delivery. */
export function aDictionaries(
  sites: readonly Site[],
  uploadedAt: Date,
): Pick<ATables, "TB_DIC_DEPARTMENT" | "TB_DIC_PRACTITIONER"> {
  const state = { YWSCSJ: stamp(uploadedAt), XGBZ: "1" };
  return {
    TB_DIC_DEPARTMENT: sites.flatMap((site) =>
      site.departments.map(({ code, name }, at) => ({
        YLJGYQDM: site.code,
        YYKSDM: code,
        YYKSMC: name,
        WSJDM: `A${code}`,
        KSWZ: `门诊楼${at + 1}层`,
        ...state,
      })),
    ),
    TB_DIC_PRACTITIONER: sites.flatMap((site) =>
      [...site.doctors.map((one) => ({ ...one, kind: "01" })), ...site.reviewers.map((one) => ({ ...one, kind: "03" }))].map(
        ({ id, name, kind }, at) => ({
          YLJGYQDM: site.code,
          YHRYID: id,
          GH: id,
          YSDM: kind === "01" ? `D990100${id.padStart(6, "0")}` : "-",
          XM: name,
          SSKS: site.departments[at % site.departments.length]?.code ?? "-",
          LB: kind,
          ZJHM: "-",
          ...state,
        }),
      ),
    ),
  };
}

/** What A calls a person at a visit. */
export function cardOf({ site, card, person }: LocalPerson): Row {
  return { YLJGYQDM: site.code, KH: card, KLX: card === "-" ? "99" : "01", HZXM: person.name };
}

function visitOf(visit: Visit, uploadedAt: Date): Row {
  return {
    ...cardOf(visit.patient),
    JZLSH: visit.number,
    MZZYBZ: visit.kind === "inpatient" ? "2" : "1",
    YWSCSJ: stamp(uploadedAt),
    MJ: "0",
    XGBZ: "1",
  };
}

function diagnosisRow(one: Diagnosis, uploadedAt: Date): Row {
  return {
    ...visitOf(one.visit, uploadedAt),
    ZYZDLSH: one.number,
    ZDLXQF: "1",
    ZDLB: one.visit.kind === "inpatient" ? "03" : "01",
    ZDSJ: stamp(one.at),
    ZDBM: one.clinical,
    ZDYBBM: one.insurance,
    ZDSM: one.name,
    CYZDBZ: one.main ? "1" : "2",
    YZDBZ: one.suspected ? "1" : "0",
    CYQKBM: one.visit.kind === "inpatient" && one.visit.end !== undefined ? "2" : "-",
  };
}

function drugRow(one: DrugOrder, uploadedAt: Date): Row {
  const { drug, visit } = one;
  return {
    ...visitOf(visit, uploadedAt),
    YZID: one.number,
    YZLB: visit.kind === "inpatient" ? "1" : "2",
    XMBM: drug.code,
    XMMC: drug.name,
    YPGG: drug.specification,
    SYPC: drug.frequency,
    SYJL: drug.dose,
    SYJLDW: drug.unit,
    YYTJ: drug.route,
    YYTS: String(one.days),
    KDSJ: stamp(one.at),
    KDYSGH: visit.doctor.id,
    KDYSXM: visit.doctor.name,
    YZZT: visit.end === undefined ? "1" : "2",
  };
}

function operationRow(one: Operation, uploadedAt: Date): Row {
  const { visit } = one;
  return {
    ...visitOf(visit, uploadedAt),
    SSLSH: one.number,
    SSBM: one.clinical,
    SSYBBM: one.insurance,
    SSMC: one.name,
    MZFS: one.anaesthesia,
    SSKSSJ: stamp(one.start),
    SSJSSJ: stamp(one.end),
    SSYSGH: visit.doctor.id,
    SSYSXM: visit.doctor.name,
  };
}

// Headings and contents in pairs, as each room words them.
function examinationRow(one: Examination): Row {
  const { visit, item } = one;
  const reviewer = visit.patient.site.reviewers[0] ?? visit.doctor;
  return {
    ...cardOf(visit.patient),
    INSTANCEUID: one.number,
    JZLSH: visit.number,
    MZZYBZ: visit.kind === "inpatient" ? "2" : "1",
    JCSJ: stamp(one.at),
    BGSJ: stamp(later(one.at, 30 * minuteMs)),
    SHSJ: stamp(later(one.at, 40 * minuteMs)),
    EXAMTYPE: item.modality,
    JCBW: item.site,
    JCMC: item.name,
    JCJGDM: /未见|正常/.test(item.impression) ? "1" : "2",
    JCBGJG: item.impression,
    BT1BM: "01",
    BT1MC: item.modality === "US" ? "超声所见" : "心电图特征",
    BT1NR: item.finding,
    BGYSXM: reviewer.name,
    SHYSGH: reviewer.id,
    SHYSXM: reviewer.name,
    MJ: "0",
    XGBZ: "1",
  };
}
