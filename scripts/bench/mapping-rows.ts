import { setImmediate } from "node:timers/promises";
import iconv from "iconv-lite";
import type { ExportFile } from "../../src/mapping/mapped.ts";

const perBlock = 1_000;
const perReport = 12;
const items = [
  ["WBC", "白细胞", "G/L", "3.5-9.5"],
  ["CREA", "肌酐", "mg/dL", "0.5-1.2"],
  ["TSH", "促甲状腺激素", "μIU/mL", "0.27-4.2"],
  ["HBsAg", "乙肝表面抗原", "-", "阴性"],
] as const;
const wideHeader =
  "院区代码,院内患者索引,就诊流水号,报告日期,报告单号,采集时间,审核时间,指标流水号,项目代码,指标名称,检验结果,计量单位,参考值,异常提示,修改标志";
const reportHeader =
  "院区代码,报告日期,报告单号,就诊流水号,院内患者索引,卡类型,卡号,报告大类,采集时间,审核时间,修改标志,打印时间";
const resultHeader =
  "院区代码,指标流水号,报告日期,报告单号,项目代码,指标名称,结果,计量单位,参考值,异常提示,打印序号,修改标志,检验备注";

/** A GB18030 CSV of results, one wide row each, made while it is read; the same rows every time. */
export function wideResults(rows: number): ExportFile {
  return made("RESULT_1.csv", wideHeader, rows, wideRow);
}

/** A laboratory's two files for the county example (test/mapping/county-a): reports, and twelve results to each, in another order. */
export function reportsAndResults(results: number): ExportFile[] {
  const reports = Math.ceil(results / perReport);
  // The results of a report lie far apart, as they do when a file is sorted by item.
  const spread = (at: number) => resultRow((at % reports) * perReport + Math.floor(at / reports));
  return [
    made("LIS_REPORT_1.csv", reportHeader, reports, reportRow),
    made("LIS_RESULT_1.csv", resultHeader, reports * perReport, spread),
  ];
}

/** A file of ORU^R01 messages with so many results each, for the feed c-lis: four is what its sample sends, twelve a whole panel. */
export function resultMessages(count: number, results: number): ExportFile {
  return messageFile(count, (at) => resultMessage(at, results));
}

/** A file of ADT^A04 messages, for the feed c-adt. */
export function admissionMessages(count: number): ExportFile {
  return messageFile(count, admissionMessage);
}

function messageFile(count: number, message: (at: number) => string): ExportFile {
  return {
    name: "bench.hl7",
    async *open() {
      for (let from = 0; from < count; from += 100) {
        const some = Array.from({ length: Math.min(100, count - from) }, (_, at) => message(from + at));
        yield Buffer.from(some.join(""), "utf8");
      }
    },
  };
}

function made(name: string, header: string, rows: number, row: (at: number) => string): ExportFile {
  return {
    name,
    async *open() {
      yield iconv.encode(`${header}\r\n`, "gb18030");
      for (let from = 0; from < rows; from += perBlock) {
        let text = "";
        for (let at = from; at < Math.min(rows, from + perBlock); at++) text += `${row(at)}\r\n`;
        yield iconv.encode(text, "gb18030");
        await setImmediate(); // a file on disk lets others have their turn too, and V8 free what it holds outside its heap
      }
    },
  };
}

function wideRow(at: number): string {
  const [code, name, unit, range] = items[at % items.length] ?? items[0];
  const report = Math.floor(at / perReport);
  return `0001,F${report % 5_000},V${report},${day(report)},R${report},${time(report)},${time(report, 2)},${at},${code},${name},${valueAt(at)},${unit},${range},${(at % 4) + 1},1`;
}

function reportRow(at: number): string {
  return `0001,${day(at)},R${at},V${at},F${at % 5_000},01,1${at % 5_000},化学,${time(at)},${time(at, 2)},1,-`;
}

function resultRow(at: number): string {
  const [code, name, unit, range] = items[at % items.length] ?? items[0];
  const report = Math.floor(at / perReport);
  return `0001,${at},${day(report)},R${report},${code},${name},${valueAt(at)},${unit},${range},${(at % 4) + 1},${at % perReport},1,-`;
}

function valueAt(at: number): string {
  if (at % items.length === 3) return "阴性";
  return at % 97 === 0 ? "<0.01" : ((at % 1000) / 100 + 0.3).toFixed(2);
}

function day(report: number): string {
  return `202610${String((report % 28) + 1).padStart(2, "0")}`;
}

function time(report: number, laterHours = 0): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `2026-10-${two((report % 28) + 1)} ${two(7 + laterHours + (report % 9))}:${two(report % 60)}:00`;
}

function admissionMessage(at: number): string {
  const stamp = `202610${String((at % 28) + 1).padStart(2, "0")}080000`;
  const segments = [
    `MSH|^~\\&|HIS|XRMYY|HUTONG|LINHU|${stamp}||ADT^A04|C${at}|P|2.4|||AL|NE|CHN|UNICODE UTF-8`,
    `EVN|A04|${stamp}`,
    `PID|1||${100_000 + at}^^^CHIS^PI||张三||19900307|1|||临湖省苇塘县芦湾镇||10000000001`,
    `PV1|1|O|0301^^^XRMYY||||1008^王芳|||0301|||||||||M${at}|||||||||||||||||||||||||${stamp}`,
  ];
  return `${segments.join("\r")}\r`;
}

function resultMessage(at: number, results: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const stamp = `202610${two((at % 28) + 1)}08${two(at % 60)}00`;
  const head = [
    `MSH|^~\\&|LIS|XRMYY|HUTONG|LINHU|${stamp}||ORU^R01|B${at}|P|2.3.1||||||UNICODE UTF-8`,
    `PID|1||${at % 5_000}^^^CHIS^PI||张三||19900307|1`,
    `PV1|1|O|0301^^^XRMYY||||||||||||||||M${at}`,
    `OBR|1|SQ${at}|B${at}|SH01^生化全套^CLIS|||${stamp}|||||||${stamp}|血清|1008^王芳||||||${stamp}||LAB|F|||||||2007&李敏^${stamp}`,
  ];
  const rows = Array.from(
    { length: results },
    (_, row) =>
      `OBX|${row + 1}|NM|L${String((row % 30) + 1).padStart(3, "0")}^肌酐^CLIS||${(at % 90) + row}|μmol/L|57-111|N|||F||临湖省HR|${stamp}|||酶法`,
  );
  return `${[...head, ...rows].join("\r")}\r`;
}
