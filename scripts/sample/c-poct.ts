import type { SampleExport, Visit } from "./events.ts";
import { seededRandom } from "./random.ts";
import { later, minuteMs } from "./time.ts";
import { type XlsxCell, xlsxOf } from "./xlsx.ts";

const headings = ["序号", "检测时间", "病历号", "姓名", "项目", "结果", "单位", "操作者", "备注"];

/** A township hospital's list of bedside glucose readings, kept by hand in Excel; nobody reviews it. */
export function poctExport(visits: readonly Visit[], name: string): SampleExport | undefined {
  const rows = visits.map((visit, at): XlsxCell[] => {
    const random = seededRandom(`poct/${visit.number}`);
    const value = random.chance(0.1) ? "HI" : { number: (random.int(38, 165) / 10).toFixed(1) };
    return [
      { number: String(at + 1) },
      { at: later(visit.start, 10 * minuteMs) },
      visit.patient.file,
      visit.patient.person.name,
      at % 4 === 3 ? "餐后血糖" : "随机血糖",
      value,
      at % 5 === 4 ? "" : "mmol/L",
      visit.doctor.name,
      value === "HI" ? "超出仪器上限，已送检验科" : "",
    ];
  });
  if (rows.length === 0) return undefined;
  return { feed: "c-poct", name, files: [{ name: `血糖登记_${name}.xlsx`, bytes: xlsxOf("血糖登记", [headings, ...rows]) }] };
}
