import { type ATable, aColumns } from "../../scripts/sample/a-columns.ts";
import type { SampleExport } from "../../scripts/sample/events.ts";
import { csvText, type Row, utf8WithBom } from "../../scripts/sample/export-files.ts";

/** What happens in two institutions, as their systems tell it; numbers name people, reports, records. `order` = 1 is the earliest issue. */
export type Happening =
  | {
      readonly kind: "patient";
      readonly who: string;
      readonly keys: "both" | "card" | "file";
      readonly order: number;
      readonly tells: Tells;
      readonly retracted: boolean;
    }
  | {
      readonly kind: "visit";
      readonly who: string;
      readonly card: boolean;
      readonly order: number;
      readonly state: "open" | "refunded" | "retracted";
    }
  | {
      readonly kind: "report";
      readonly report: string;
      readonly year: "2025" | "2026";
      readonly who: string;
      readonly keys: readonly Key[];
      readonly order: number;
      readonly items: readonly string[];
      readonly value: number;
      readonly retracted: boolean;
    }
  | { readonly kind: "adt"; readonly who: string; readonly order: number; readonly tells: Tells; readonly visit: boolean }
  | { readonly kind: "merge"; readonly from: string; readonly into: string; readonly order: number }
  | {
      readonly kind: "oru";
      readonly report: string;
      readonly who: string;
      readonly order: number;
      readonly items: readonly string[];
      readonly value: number;
      readonly status: "F" | "C" | "X";
    };

type Key = "card" | "file" | "visit";

/** What a record says about its person: one of these people, by number and name. */
export interface Tells {
  readonly number: string;
  readonly name: string;
}

/** People of the unassigned province 99 whose records the two institutions keep. */
export const people = [
  { number: "990101199003070015", name: "张䶮", birthDate: "19900307", sex: "1" },
  { number: "990101199003070023", name: "李四", birthDate: "19900307", sex: "2" },
  { number: "990101198501010010", name: "王五", birthDate: "19850101", sex: "1" },
] as const;

/** Rows by table: what one happening at A adds to an export. */
export type Rows = Partial<Record<ATable, Row[]>>;

const campus = { YLJGYQDM: "0001" };
const item: Record<string, Row> = {
  K: { JYZBDM: "K", JYZBMC: "钾", JLDW: "mmol/L", CKZ: "3.50-5.30" },
  Na: { JYZBDM: "Na", JYZBMC: "钠", JLDW: "mmol/L", CKZ: "137-147" },
  Cl: { JYZBDM: "Cl", JYZBMC: "氯", JLDW: "mmol/L", CKZ: "99-110" },
};

/** The rows of A's tables that tell a happening; undefined when it is C's. */
export function rowsOf(told: Happening): Rows | undefined {
  if (told.kind === "patient") return { TB_YL_PATIENT_INFORMATION: [patientRow(told)] };
  if (told.kind === "visit") return { TB_HIS_MZ_REG: [visitRow(told)] };
  if (told.kind === "report")
    return { TB_LIS_REPORT: [reportRow(told)], TB_LIS_INDICATORS: told.items.map((one) => indicatorRow(told, one)) };
  return undefined;
}

function patientRow({ who, keys, order, tells, retracted }: Extract<Happening, { kind: "patient" }>): Row {
  const person = people.find((one) => one.number === tells.number);
  return {
    ...campus,
    ...(keys === "file" ? { KH: "-", KLX: "99" } : { KH: `card${who}`, KLX: "01" }),
    YYDAH: keys === "card" ? "-" : `file${who}`,
    ...(tells.number === "" ? { ZJHM: "-", ZJLX: "99" } : { ZJHM: tells.number, ZJLX: "01" }),
    XM: tells.name,
    XB: person?.sex ?? "9",
    CSRQ: person?.birthDate ?? "1900-01-01",
    YWSCSJ: `2026-11-2${order} 02:00:00`,
    MJ: "0",
    XGBZ: retracted ? "2" : "1",
  };
}

function visitRow({ who, card, order, state }: Extract<Happening, { kind: "visit" }>): Row {
  return {
    ...campus,
    JZLSH: `visit${who}`,
    ...(card ? { KH: `card${who}`, KLX: "01" } : { KH: "-", KLX: "99" }),
    GHRQ: "2026-11-19 09:00:00",
    GTHBZ: state === "refunded" ? "2" : "1",
    GHKSBM: "0302",
    GHKSMC: "心血管内科",
    YWSCSJ: `2026-11-2${order} 02:00:00`,
    MJ: "0",
    XGBZ: state === "retracted" ? "2" : "1",
  };
}

function reportRow({ report, year, who, keys, order, retracted }: Extract<Happening, { kind: "report" }>): Row {
  return {
    ...campus,
    BGRQ: `${year}1119`,
    BGDH: report,
    ...(keys.includes("card") ? { KH: `card${who}`, KLX: "01" } : { KH: "-", KLX: "99" }),
    YYDAH: keys.includes("file") ? `file${who}` : "-",
    JZLSH: keys.includes("visit") ? `visit${who}` : "-",
    CJSJ: `${year}-11-19 09:21:00`,
    SHYHRYID: "1502",
    SHRXM: "钱云",
    SHSJ: `${year}-11-2${order} 14:00:00`,
    BGSJ: `${year}-11-19 14:36:00`,
    BBMC: "血清",
    BGDLB: "化学",
    MJ: "0",
    XGBZ: retracted ? "2" : "1",
  };
}

function indicatorRow({ report, year, order, value }: Extract<Happening, { kind: "report" }>, code: string): Row {
  const JYZBJG = `${order}.${value}0`;
  return {
    ...campus,
    BGRQ: `${year}1119`,
    BGDH: report,
    JYZBLSH: `${year}-${report}-${code}`,
    JYZBJG,
    YCTS: "1",
    XGBZ: "1",
    ...item[code],
  };
}

/** An export of A with these rows; `name` tells files of one table apart. */
export function aExport(rows: Rows, name: string): Omit<SampleExport, "name"> {
  const files = Object.entries(rows).map(([table, some]) => ({
    name: `${table}_${name}.csv`,
    bytes: utf8WithBom(csvText(aColumns[table as ATable], some)),
  }));
  return { feed: "a-tb", files };
}

/** The message of C that tells a happening; undefined when it is A's. */
export function messageOf(told: Happening): Omit<SampleExport, "name"> | undefined {
  if (told.kind === "adt") return message("c-adt", adt(told));
  if (told.kind === "merge") return message("c-adt", merge(told));
  if (told.kind === "oru") return message("c-lis", oru(told));
  return undefined;
}

function message(feed: "c-adt" | "c-lis", segments: readonly string[]): Omit<SampleExport, "name"> {
  return { feed, files: [{ name: "message.hl7", bytes: Buffer.from(`${segments.join("\r")}\r`, "utf8") }] };
}

function adt({ who, order, tells, visit }: Extract<Happening, { kind: "adt" }>): string[] {
  const at = `2026112${order}081500`;
  const person = people.find((one) => one.number === tells.number);
  const number = tells.number === "" ? "" : `~${tells.number}^^^SFZ^NI`;
  const pv1 = `PV1|1|O|0301^^^XRMYY||||1008^王芳|||0301|||||||||M${who}|||||||||||||||||||||||||20261120081500`;
  return [
    `MSH|^~\\&|HIS|XRMYY|HUTONG|LINHU|${at}||ADT^A08|C1|P|2.4|||AL|NE|CHN|UNICODE UTF-8`,
    `EVN|A08|${at}`,
    `PID|1||${who}^^^CHIS^PI${number}||${tells.name}||${person?.birthDate ?? ""}|${person?.sex ?? ""}|||临湖省苇塘县||`,
    ...(visit ? [pv1] : []),
  ];
}

function merge({ from, into, order }: Extract<Happening, { kind: "merge" }>): string[] {
  const at = `2026112${order}090000`;
  return [
    `MSH|^~\\&|HIS|XRMYY|HUTONG|LINHU|${at}||ADT^A40|M1|P|2.4|||AL|NE|CHN|UNICODE UTF-8`,
    `EVN|A40|${at}`,
    `PID|1||${into}^^^CHIS^PI`,
    `MRG|${from}^^^CHIS^PI`,
  ];
}

function oru({ report, who, order, items, value, status }: Extract<Happening, { kind: "oru" }>): string[] {
  const at = `2026112${order}113000`;
  const code = { K: "L001^钾", Na: "L002^钠", Cl: "L003^氯" } as Record<string, string>;
  return [
    `MSH|^~\\&|LIS|XRMYY|HUTONG|LINHU|${at}||ORU^R01|L1|P|2.3.1||||||UNICODE UTF-8`,
    `PID|1||${who}^^^CHIS^PI||||`,
    `PV1|1|O|0301^^^XRMYY||||||||||||||||M${who}`,
    `OBR|1|SQ${report}|${report}|SH01^生化全套^CLIS|||20261120082000|||||||20261120084500|血清|1008^王芳||||||${at}||LAB|${status}|||||||2007&李敏^20261120112500`,
    ...items.map((one, index) => `OBX|${index + 1}|NM|${code[one]}^CLIS||${order}.${value}|mmol/L|3.5-5.3|N|||${status}`),
  ];
}
