import type { Diagnosis } from "./care.ts";
import { type CdaDocument, cdaText, coded, type Element, element, section } from "./cda-document.ts";
import type { History, ImagingReport, LabSheet, SampleExport, Visit } from "./events.ts";
import { panels, printedValue } from "./items.ts";
import { stamp14 } from "./time.ts";

const oid = "2.16.156.10011";

/** The shared documents (WS/T 500) that B's document library sends about a slice of history: one file a document. */
export function cdaExport(history: History, name: string): SampleExport | undefined {
  const inB = (visit: Visit) => visit.patient.site.key === "b";
  const diagnoses = (history.care?.diagnoses ?? []).filter((one) => inB(one.visit));
  const byVisit = Map.groupBy(diagnoses, (one) => one.visit);
  const visits = [...byVisit].map(([visit, found]) => ({ visit, found }));
  const [outpatient] = visits.filter(({ visit }) => visit.kind === "outpatient");
  const [inpatient] = visits.filter(({ visit }) => visit.kind === "inpatient" && visit.end !== undefined);
  const [sheet] = history.sheets.filter((one) => inB(one.visit) && one.reviewedAt !== undefined);
  const [imaging] = history.imaging.filter((one) => inB(one.visit));
  const documents = [
    ...(outpatient === undefined
      ? []
      : [summary(outpatient.visit, outpatient.found), record(outpatient.visit, outpatient.found)]),
    ...(imaging === undefined ? [] : [examination(imaging)]),
    ...(sheet === undefined ? [] : [laboratory(sheet)]),
    ...(inpatient === undefined
      ? []
      : [frontPage(inpatient.visit, inpatient.found), discharge(inpatient.visit, inpatient.found)]),
  ];
  if (documents.length === 0) return undefined;
  const files = documents.map((one) => ({ name: `${one.code}_${one.number}.xml`, bytes: Buffer.from(cdaText(one), "utf8") }));
  return { feed: "b-cda", name, files };
}

function summary(visit: Visit, found: readonly Diagnosis[]): CdaDocument {
  return {
    ...document("C0001", "病历概要", visit),
    sections: [section("11450-4", "卫生事件", textOf(found), found.map(diagnosisEntry))],
  };
}

function record(visit: Visit, found: readonly Diagnosis[]): CdaDocument {
  return {
    ...document("C0002", "门(急)诊病历", visit),
    sections: [
      section("10154-3", "主诉", "反复乏力1周"),
      section("10164-2", "现病史", "患者1周前无明显诱因出现乏力，\n无发热、咳嗽。体温 <37.3℃"),
      section("29548-5", "诊断", textOf(found), found.map(diagnosisEntry)),
    ],
  };
}

function frontPage(visit: Visit, found: readonly Diagnosis[]): CdaDocument {
  return {
    ...document("C0032", "住院病案首页", visit),
    sections: [
      section("11535-2", "出院诊断", textOf(found), found.map(diagnosisEntry)),
      section("48768-6", "费用", "住院总费用 6238.50 元"),
    ],
  };
}

function discharge(visit: Visit, found: readonly Diagnosis[]): CdaDocument {
  return {
    ...document("C0049", "出院记录", visit),
    sections: [
      section("8648-8", "住院过程", "入院后完善检查，予对症治疗，病情好转。"),
      section("11535-2", "出院诊断", textOf(found), found.map(diagnosisEntry)),
      section("8653-8", "医嘱", "低盐低脂饮食；\n两周后门诊复查。"),
    ],
  };
}

// The centre for health checks sends its reports as documents only: numbers of its own.
function laboratory(sheet: LabSheet): CdaDocument {
  const panel = panels[sheet.results[0]?.item.panel ?? "ELEC"];
  const items = sheet.results.map(({ item, value }) => {
    const printed = printedValue(item, "b", value);
    const result = /^\d/.test(printed)
      ? element("observation", { classCode: "OBS", moodCode: "EVN" }, [
          coded("code", "DE04.30.015.00", `${oid}.2.2.1`, "检验定量结果"),
          element("value", { "xsi:type": "REAL", value: printed }),
          element("entryRelationship", { typeCode: "COMP" }, [
            element("observation", { classCode: "OBS", moodCode: "EVN" }, [
              coded("code", "DE04.30.016.00", `${oid}.2.2.1`, "检验定量结果计量单位"),
              element("value", { "xsi:type": "ST" }, [item.local.b.unit]),
            ]),
          ]),
        ])
      : element("observation", { classCode: "OBS", moodCode: "EVN" }, [
          coded("code", "DE04.30.017.00", `${oid}.2.2.1`, "检验结果代码"),
          element("value", { "xsi:type": "ST" }, [printed]),
        ]);
    return element("component", {}, [
      element("organizer", { classCode: "CLUSTER", moodCode: "EVN" }, [
        element("statusCode", { code: "completed" }),
        element("component", {}, [
          element("observation", { classCode: "OBS", moodCode: "EVN" }, [
            coded("code", "DE04.30.019.00", `${oid}.2.2.1`, "检验项目代码"),
            element("effectiveTime", { value: stamp14(sheet.receivedAt) }),
            element("value", { "xsi:type": "CD", code: item.local.b.code, displayName: item.local.b.name }),
          ]),
        ]),
        element("component", {}, [result]),
      ]),
    ]);
  });
  const specimen = element("component", {}, [
    element("observation", { classCode: "OBS", moodCode: "EVN" }, [
      coded("code", "DE04.50.134.00", `${oid}.2.2.1`, "标本类别"),
      element("effectiveTime", {}, [
        element("low", { value: stamp14(sheet.collectedAt) }),
        element("high", { value: stamp14(sheet.receivedAt) }),
      ]),
      element("value", { "xsi:type": "ST" }, [panel.specimen]),
    ]),
  ]);
  const organizer = element("organizer", { classCode: "BATTERY", moodCode: "EVN" }, [
    element("id", { root: `${oid}.1.33`, extension: `TJ${sheet.number}` }),
    coded("code", "DE04.30.018.00", `${oid}.2.2.1`, panel.name),
    specimen,
    ...items,
  ]);
  return {
    ...document("C0007", "检验报告", sheet.visit, sheet.reportedAt, sheet.reviewer),
    sections: [section("30954-2", "检验", `${panel.name} ${sheet.results.length} 项`, [organizer])],
  };
}

// The same code twice: only the display tells what was seen from what was concluded.
function examination(report: ImagingReport): CdaDocument {
  const { item } = report;
  const text = (display: string, value: string) =>
    element("component", {}, [
      element("observation", { classCode: "OBS", moodCode: "EVN" }, [
        coded("code", "DE04.50.131.00", `${oid}.2.2.1`, display),
        element("value", { "xsi:type": "ST" }, [value]),
      ]),
    ]);
  const organizer = element("organizer", { classCode: "CLUSTER", moodCode: "EVN" }, [
    element("id", { root: `${oid}.1.32`, extension: `TJ${report.number}` }),
    element("code", { code: item.code_b, displayName: item.name }),
    element("effectiveTime", { value: stamp14(report.performedAt) }),
    text("检查报告结果-客观所见", item.finding),
    text("检查报告结果-主观提示", item.impression),
  ]);
  return {
    ...document("C0006", "检查报告", report.visit, report.reportedAt, report.reviewer),
    sections: [section("30045-9", "检查报告", item.name, [organizer])],
  };
}

function document(
  code: string,
  title: string,
  visit: Visit,
  at = visit.end ?? visit.start,
  signer = visit.doctor,
): CdaDocument {
  return { code, title, visit, at, signer, number: `D${code.slice(3)}${visit.number}`, sections: [] };
}

function textOf(found: readonly Diagnosis[]): string {
  return found.map((one, at) => `${at + 1}. ${one.name}${one.suspected ? "？" : ""}`).join("\n");
}

// As producers do it: the name of the code system is wrong, its OID is right.
function diagnosisEntry(one: Diagnosis): Element {
  return element("observation", { classCode: "OBS", moodCode: "EVN" }, [
    element("id", { extension: one.number }),
    coded("code", "DE05.01.024.00", `${oid}.2.2.1`, "疾病诊断编码"),
    element("effectiveTime", { value: stamp14(one.at) }),
    element("value", {
      "xsi:type": "CD",
      code: one.clinical,
      codeSystem: `${oid}.2.3.3.11`,
      codeSystemName: "麻醉方法代码表",
      displayName: one.name,
    }),
  ]);
}
