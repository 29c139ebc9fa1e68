import type { ATable, ATables } from "./a-columns.ts";
import type { DirtBook } from "./dirt.ts";
import type { Row } from "./export-files.ts";

/** One of A's deliveries before it is written. */
export interface ANight {
  readonly name: string;
  readonly at: Date;
  readonly tables: ATables;
}

/** Works all of A's faults into its deliveries (`history` first, then the nights); rows that are changed were copied first. */
export function soilA(nights: readonly ANight[], book: DirtBook): void {
  const [history, first] = nights;
  if (history === undefined || first === undefined) return;
  reissue(history, first, book);
  retract(nights, book);
  soilHistory(history, book);
  const full = [...nights]
    .reverse()
    .find(
      (night) => sheetIn(night) !== undefined && night.tables.TB_HIS_MZ_REG.length > 0 && night.tables.TB_RIS_REPORT.length > 0,
    );
  if (full !== undefined) soilVisits(full, book);
}

/** A sheet's rows in one delivery; the `skip`-th report that has at least three rows. */
function sheetIn(night: ANight | undefined, skip = 0): { report: Row; rows: Row[] } | undefined {
  const { TB_LIS_REPORT: reports = [], TB_LIS_INDICATORS: indicators = [] } = night?.tables ?? {};
  const sheets = reports.map((report) => ({
    report,
    rows: indicators.filter((row) => row.BGDH === report.BGDH && row.BGRQ === report.BGRQ && row.YLJGYQDM === report.YLJGYQDM),
  }));
  return sheets.filter((sheet) => sheet.rows.length >= 3 && sheet.report.XGBZ === "1")[skip];
}

function add(night: ANight | undefined, table: ATable, ...rows: Row[]): void {
  night?.tables[table].push(...rows);
}

const nextDay = (stamp: string | undefined) => `${(stamp ?? "").slice(0, 11)}23:50:00`;

// The sheet comes again a night later: reviewed later, one value corrected, its last row gone.
function reissue(from: ANight, to: ANight, book: DirtBook): void {
  const sheet = sheetIn(from, 6);
  if (sheet === undefined) return;
  const report = { ...sheet.report, SHSJ: nextDay(sheet.report.SHSJ), BGSJ: nextDay(sheet.report.BGSJ) };
  const rows = sheet.rows
    .slice(0, -1)
    .map((row, index) => ({ ...row, ...(index === 0 ? { JYZBJG: corrected(row.JYZBJG ?? ""), 检验备注: "复检更正" } : {}) }));
  add(to, "TB_LIS_REPORT", report);
  add(to, "TB_LIS_INDICATORS", ...rows);
  book.note("re-issued", report, `replaces the sheet in ${from.name}: first value corrected, last row withdrawn`);
}

const corrected = (value: string) =>
  Number.isNaN(Number(value)) ? value : (Number(value) * 1.1).toFixed(value.split(".")[1]?.length ?? 0);

function retract(nights: readonly ANight[], book: DirtBook): void {
  const after = sheetIn(nights[0], 7);
  if (after !== undefined) withdraw(after, nights[2], "retracted-after", "withdraws a sheet of an earlier night", book);
  const late = nights.findLastIndex((night, at) => at > 0 && sheetIn(night) !== undefined);
  const before = sheetIn(nights[late]);
  if (before !== undefined)
    withdraw(
      before,
      nights[late - 1],
      "retracted-before",
      `comes a night before the sheet it withdraws (${nights[late]?.name})`,
      book,
    );
}

function withdraw(
  sheet: { report: Row; rows: Row[] },
  night: ANight | undefined,
  kind: string,
  what: string,
  book: DirtBook,
): void {
  const report = { ...sheet.report, SHSJ: nextDay(sheet.report.SHSJ), XGBZ: "2" };
  add(night, "TB_LIS_REPORT", report);
  add(night, "TB_LIS_INDICATORS", ...sheet.rows.map((row) => ({ ...row, XGBZ: "2" })));
  book.note(kind, report, what);
}

function soilHistory({ tables }: ANight, book: DirtBook): void {
  const [first, second, third, fourth, fifth] = [0, 1, 2, 3, 4].map((skip) =>
    sheetIn({ name: "", at: new Date(0), tables }, skip),
  );
  if (first !== undefined) {
    const shift = (text: string | undefined) => `${Number(text?.slice(0, 4)) - 1}${text?.slice(4)}`;
    const times = ["SQSJ", "CJSJ", "JYSJ", "SHSJ", "BGSJ", "BGRQ"] as const;
    const old: Row = {
      ...first.report,
      ...Object.fromEntries(times.map((column) => [column, shift(first.report[column])])),
      JZLSH: "-",
    };
    tables.TB_LIS_REPORT.push(old);
    tables.TB_LIS_INDICATORS.push(
      ...first.rows.map((row) => ({ ...row, BGRQ: old.BGRQ ?? "", JYZBLSH: `${old.BGRQ}${row.JYZBLSH?.slice(8)}` })),
    );
    book.note("number-reused", old, "the same BGDH in the year before: another report");
  }
  if (second !== undefined) {
    second.report.CJSJ = `2099${second.report.CJSJ?.slice(4)}`;
    book.note("future-date", second.report, "collected in 2099");
  }
  if (third !== undefined) {
    const values = ["<0.01", ">1000", "+"];
    third.rows.slice(0, 3).forEach((row, at) => {
      row.JYZBJG = values[at] ?? "";
      book.note("not-a-number", row, `result printed as ${values[at]}`);
    });
    const strange: Row = {
      ...third.rows[0],
      JYZBLSH: `${third.rows[0]?.JYZBLSH}-X`,
      JYZBDM: "CYSC",
      JYZBMC: "胱抑素C",
      JYZBJG: "0.88",
      JLDW: "mg/L",
      CKZ: "0.55-1.05",
      DYXH: "90",
      互认标识: "-",
    };
    tables.TB_LIS_INDICATORS.push(strange);
    book.note("unknown-item", strange, "CYSC is in no table");
  }
  if (fourth !== undefined) {
    fourth.report.MJ = "1";
    book.note("sensitive", fourth.report, "密级 1");
    tables.TB_LIS_REPORT.push(fourth.report);
    book.note("duplicate-row", fourth.report, "the identical row stands twice");
  }
  if (fifth !== undefined) {
    Object.assign(fifth.report, { SHSJ: "-", SHYHRYID: "-", SHRXM: "-" });
    book.note("not-reviewed", fifth.report, "no review: preliminary");
    Object.assign(fifth.rows[0] ?? {}, { 检验备注: '标本轻度溶血,\r\n"复查"' });
    book.note("quoted-cell", fifth.rows[0] ?? {}, "comma, line break and quotation marks inside a cell");
  }
  const measured = tables.TB_LIS_INDICATORS.findLast((row) => row.JLDW !== "-");
  if (measured !== undefined) {
    measured.JLDW = "-";
    book.note("unit-missing", measured, "no unit beside the value");
  }
  const patient = tables.TB_YL_PATIENT_INFORMATION[3];
  if (patient !== undefined) {
    patient.CSRQ = "19000101";
    book.note("birth-1900", patient, "birth date never entered");
  }
}

function soilVisits({ tables, name }: ANight, book: DirtBook): void {
  const sample = sheetIn({ name, at: new Date(0), tables }, 1) ?? sheetIn({ name, at: new Date(0), tables }, 0);
  const orphan: Row | undefined = sample && { ...sample.rows[0], BGDH: "199999", JYZBLSH: `${sample.report.BGRQ}199999-GLU` };
  if (orphan !== undefined) {
    tables.TB_LIS_INDICATORS.push(orphan);
    book.note("orphan-row", orphan, "no report 199999 was ever sent");
  }
  if (sample !== undefined) {
    const stranger = { ...sample.report, YLJGYQDM: "0009", BGDH: "188888" };
    tables.TB_LIS_REPORT.push(stranger);
    book.note("unknown-institution", stranger, "campus 0009 is not registered");
    const radiology = tables.TB_RIS_REPORT[0];
    if (radiology !== undefined) {
      radiology.INSTANCEUID = sample.report.BGDH ?? "";
      book.note("equal-numbers", radiology, "the radiology report has the number of a lab report");
    }
  }
  const visit = tables.TB_HIS_MZ_REG[0];
  const borrowedFrom = tables.TB_YL_PATIENT_INFORMATION[0];
  if (visit !== undefined) {
    const refund = { ...visit, GHBM: "M9900009999", JZLSH: "M9900009999", GTHBZ: "2" };
    tables.TB_HIS_MZ_REG.push(refund);
    book.note("refund-without-charge", refund, "退号 of a registration nobody sent");
    const borrowed = {
      ...visit,
      GHBM: "M9900008888",
      JZLSH: "M9900008888",
      HZXM: "借卡人",
      KH: borrowedFrom?.KH ?? visit.KH ?? "-",
    };
    tables.TB_HIS_MZ_REG.push(borrowed);
    book.note("borrowed-card", borrowed, "the card's owner has another name");
  }
}
