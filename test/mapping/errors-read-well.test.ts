import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import iconv from "iconv-lite";
import { compileFeed, type Feed } from "../../src/mapping/compile-feed.ts";
import type { RowIssue } from "../../src/mapping/mapped.ts";
import { feedIn, fileOf, mapFiles } from "./map-files.ts";
import { edit } from "./mapping-folder.ts";

// What an integrator reads after a mistake, word for word: file, line, what was found and what to do. The mapping is the complete example of county A.
const county = fileURLToPath(new URL("county-a", import.meta.url));
const region = fileURLToPath(new URL("../../mappings/tables", import.meta.url));
const made: string[] = [];
afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true });
});

/** What is told of county A's mapping with one part of one file changed. */
async function toldAfter(file: string, from: string, to: string): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), "county-"));
  made.push(root);
  const folder = join(root, "county-a");
  cpSync(county, folder, { recursive: true });
  cpSync(region, join(root, "tables"), { recursive: true });
  writeFileSync(join(folder, file), edit(readFileSync(join(folder, file), "utf8"), from, to));
  const outcome = await compileFeed(folder);
  return outcome.kind === "wrong" ? outcome.problems.map((one) => `${one.file}:${one.line} ${one.reason}`) : [];
}

describe("a mistake in a mapping reads", () => {
  it.each<{ file: string; from: string; to: string; told: string }>`
    file                      | from                                     | to                              | told
    ${"feed.yaml"}            | ${"time_zone:"}                          | ${"timezone:"}                  | ${"feed.yaml:3 timezone is not known here; did you mean time_zone?"}
    ${"feed.yaml"}            | ${"encoding: gb18030"}                   | ${"encoding: gbk"}              | ${'feed.yaml:2 encoding "gbk" is none that is read: utf-8, gb18030 (which reads gbk and gb2312 too), utf-16le, utf-16be, a list of these, or detect'}
    ${"feed.yaml"}            | ${"type: date8 }"}                       | ${"type: date9 }"}              | ${'feed.yaml:13 tables.report.columns.BGRQ.type is "date9"; it may be text, code, integer, decimal, date, date8, local_time; did you mean date?'}
    ${"feed.yaml"}            | ${"BGDH: { header: 报告单号 }"}          | ${"BGDH: 报告单号"}             | ${'feed.yaml:14 tables.report.columns.BGDH is "报告单号"; a mapping of names to values is needed: { header: 报告单号 }'}
    ${"feed.yaml"}            | ${"{ header: 报告单号 },"}               | ${"{ header: 报告单号,"}        | ${"feed.yaml:25 a bracket that was opened above is not closed: } is missing"}
    ${"feed.yaml"}            | ${"  report:"}                           | ${"\treport:"}                  | ${"feed.yaml:7 a tab stands at the beginning of the line; YAML is indented with blanks"}
    ${"feed.yaml"}            | ${'absent: ["",'}                        | ${"absent: [0,"}                | ${'feed.yaml:4 absent.0 is 0; a text is needed: write it in quotation marks, "0"'}
    ${"feed.yaml"}            | ${"institution: YLJGYQDM"}               | ${"institution: YLJGDM"}        | ${"feed.yaml:5 institution names YLJGDM, which is no column of any table; did you mean YLJGYQDM?"}
    ${"feed.yaml"}            | ${"    file:"}                           | ${"    files:"}                 | ${"feed.yaml:8 tables.report.files is not known here; did you mean file?"}
    ${"report.yaml"}          | ${"version: 3"}                          | ${"version: v3"}                | ${'report.yaml:2 version is "v3"; a whole number is needed'}
    ${"report.yaml"}          | ${"on: [YLJGYQDM, BGRQ, BGDH]"}          | ${"on: [YLJGYQDM, BGRQ, BDGH]"} | ${"report.yaml:4 with.results joins on BDGH, which is no column of report; did you mean BGDH?"}
    ${"report.yaml"}          | ${"{ first_of: ["}                       | ${"{ firstof: ["}               | ${"report.yaml:6 ids.Patient.firstof is not known here; did you mean first_of?"}
    ${"report.yaml"}          | ${"order: [SHSJ]"}                       | ${"order: SHSJ"}                | ${'report.yaml:10 order is "SHSJ"; a list is needed: ["SHSJ"]'}
    ${"report.yaml"}          | ${"effectiveDateTime:"}                  | ${"effectiveDatetime:"}         | ${"report.yaml:19 DiagnosticReport has no element effectiveDatetime; did you mean effectiveDateTime?"}
    ${"report.yaml"}          | ${'"{{ CJSJ }}"'}                        | ${"{{ CJSJ }}"}                 | ${'report.yaml:19 an expression stands in quotation marks: "{{ … }}"'}
    ${"report.yaml"}          | ${'"{{ CJSJ }}"'}                        | ${'"{ CJSJ }"'}                 | ${'report.yaml:19 DiagnosticReport.effectiveDateTime is "{ CJSJ }", which is no date or time: an expression stands in two braces, {{ … }}'}
    ${"report.yaml"}          | ${"subject: { $ref: Patient }"}          | ${"subject: Patient"}           | ${"report.yaml:17 DiagnosticReport.subject is a text where Reference is needed: write { $ref: Patient }"}
    ${"report.yaml"}          | ${"JYZBJG.number("}                      | ${"JYZBJG.numbre("}             | ${"report.yaml:26 $let value calls the function numbre, which mappings do not have; did you mean number?"}
    ${"report.yaml"}          | ${"(%item.factor)"}                      | ${"(%item.factr)"}              | ${"report.yaml:26 $let value asks %item for factr; it has coding, code, ucum, unit, unitSystem, factor; did you mean factor?"}
    ${"report.yaml"}          | ${"(%item.factor)"}                      | ${"(%item.factor"}              | ${"report.yaml:26 $let value is not FHIRPath: ')' is missing before the end (character 27)"}
    ${"report.yaml"}          | ${"JYZBJG.number("}                      | ${"JYZBJG number("}             | ${"report.yaml:26 $let value is not FHIRPath: 'number' does not fit here (character 8)"}
    ${"report.yaml"}          | ${"XGBZ.code('row-state')"}              | ${"XGBZ.code(row-state)"}       | ${"report.yaml:14 DiagnosticReport.status calls code without the name of a table in quotation marks, as in code('sex')"}
    ${"report.yaml"}          | ${"XGBZ.code('row-state')"}              | ${"XGBZ.code('row_state')"}     | ${"report.yaml:14 DiagnosticReport.status names the table 'row_state', and there is no tables/row_state.csv; did you mean row-state?"}
    ${"report.yaml"}          | ${"`检验备注`"}                          | ${"检验备注"}                   | ${"report.yaml:48 Observation.note.text is not FHIRPath: the column 检验备注 is written in backticks: `检验备注`"}
    ${"report.yaml"}          | ${"$each: results, $ref"}                | ${"$each: result, $ref"}        | ${'report.yaml:22 DiagnosticReport.result repeats over result, which is not in "with"; did you mean results?'}
    ${"report.yaml"}          | ${'"{{ iif(%value.empty(), JYZBJG) }}"'} | ${"none"}                       | ${"report.yaml:23 Observation has one value[x]: valueString is always filled, so valueQuantity cannot be filled too"}
    ${"tables/lab-item.csv"}  | ${"umol/L"}                              | ${"μmol/L"}                     | ${"tables/lab-item.csv:3 target_ucum μmol/L is no UCUM code: UCUM is written in plain ASCII without blanks (μmol/L is umol/L); did you mean umol/L?"}
    ${"tables/lab-item.csv"}  | ${"10*9/L"}                              | ${"G/L"}                        | ${"tables/lab-item.csv:2 target_ucum G/L is Gauss/Liters in UCUM; where laboratories print G/L, unit.csv says they mean 10*9/L"}
    ${"tables/lab-item.csv"}  | ${"88.4"}                                | ${"88,4"}                       | ${"tables/lab-item.csv:3 the line has 8 fields and the header 7 (a text with a comma in it stands in quotation marks)"}
    ${"tables/row-state.csv"} | ${"final"}                               | ${"finished"}                   | ${"report.yaml:29 Observation.status takes codes of the table row-state, whose line 2 gives finished; it may be registered, preliminary, final, amended, corrected, cancelled, entered-in-error, unknown"}
  `("$told", async ({ file, from, to, told }) => {
    expect(await toldAfter(file, from, to)).toContain(told);
  });
});

describe("a mistake in an export reads", () => {
  const reportHeader =
    "院区代码,报告日期,报告单号,就诊流水号,院内患者索引,卡类型,卡号,报告大类,采集时间,审核时间,修改标志,打印时间";
  const report = "0001,20261118,R1,V1,F1,01,C1,化学,2026-11-18 08:12:00,2026-11-18 10:30:00,1,1900-01-01 00:00:00";
  const resultHeader =
    "院区代码,指标流水号,报告日期,报告单号,项目代码,指标名称,结果,计量单位,参考值,异常提示,打印序号,修改标志,检验备注";
  const result = "0001,1,20261118,R1,WBC,白细胞,11.30,G/L,3.5-9.5,1,1,1,-";
  let feed: Feed;
  beforeAll(async () => {
    feed = await feedIn(county);
  });

  /** What is told of an export of one report with one row, after a change. */
  async function toldOf(file: "report" | "result", from: string, to: string): Promise<string[]> {
    const texts = { report: `${reportHeader}\n${report}\n`, result: `${resultHeader}\n${result}\n` };
    texts[file] = edit(texts[file], from, to);
    const { issues } = await mapFiles(feed, [
      fileOf("LIS_REPORT_1.csv", iconv.encode(texts.report, "gb18030")),
      fileOf("LIS_RESULT_1.csv", iconv.encode(texts.result, "gb18030")),
    ]);
    return issues.map(sentenceOf);
  }
  const sentenceOf = ({ file, line, field, mapping, mappingLine, reason }: RowIssue) =>
    [`${file}${line === undefined ? "" : `:${line}`}`, field, mapping && `${mapping}:${mappingLine}`, reason]
      .filter((part) => part !== undefined)
      .join(" | ");

  it.each<{ file: "report" | "result"; from: string; to: string; told: string }>`
    file        | from                     | to                                   | told
    ${"report"} | ${"R1,V1,F1"}            | ${"-,V1,F1"}                         | ${"LIS_REPORT_1.csv:2 | 报告单号 | county-a-lis/report:12 | DiagnosticReport has no key: 报告单号 (BGDH) is empty"}
    ${"report"} | ${"V1,F1,01,C1"}         | ${"-,-,01,-"}                        | ${"LIS_REPORT_1.csv:2 | 卡号 | county-a-lis/report:17 | Patient has no key: card lacks 卡号 (KH); file lacks 院内患者索引 (YYDAH); visit lacks 就诊流水号 (JZLSH)"}
    ${"report"} | ${"2026-11-18 10:30:00"} | ${"18/11/2026"}                      | ${"LIS_REPORT_1.csv:2 | 审核时间 | 审核时间 is not a date and time (like 99/99/9999); the row goes on without it"}
    ${"report"} | ${"20261118,R1"}         | ${"20261318,R1"}                     | ${"LIS_REPORT_1.csv:2 | 报告日期 | 报告日期 is no day of the calendar (like 99999999); the row goes on without it"}
    ${"report"} | ${"00,1,1900"}           | ${"00,7,1900"}                       | ${"LIS_REPORT_1.csv:2 | 修改标志 | county-a-lis/report:14 | DiagnosticReport.status is required and came out empty: the table row-state has no line for a code like 9; the report's table misses list it"}
    ${"result"} | ${",1,1,1,-"}            | ${",1,one,1,-"}                      | ${"LIS_RESULT_1.csv:2 | 打印序号 | 打印序号 is not a whole number (like xxx); the row goes on without it"}
    ${"result"} | ${"0001,1,"}             | ${"0001,-,"}                         | ${"LIS_RESULT_1.csv:2 | 指标流水号 | county-a-lis/report:23 | Observation has no key: 指标流水号 (JYZBLSH) is empty"}
    ${"report"} | ${"0001,20261118"}       | ${"0009,20261118"}                   | ${"LIS_REPORT_1.csv:2 | 院区代码 | the registry knows no institution that this supplier calls by a code like 9999: register it, or mend the row"}
    ${"report"} | ${"审核时间,修改"}       | ${"审核日期,修改"}                   | ${"LIS_REPORT_1.csv:1 | 审核时间 | the header lacks the column 审核时间; it has 审核日期, which the feed does not declare: a new name of a column belongs to its header in feed.yaml"}
    ${"report"} | ${`${reportHeader}\n`}   | ${""}                                | ${"LIS_REPORT_1.csv:1 | 院区代码 | the header lacks 7 columns: 院区代码, 报告日期, 报告单号, 卡类型, 卡号, 审核时间, 修改标志; none of the feed's headings stands in the first line: does the file begin without a header?"}
    ${"report"} | ${reportHeader}          | ${reportHeader.replaceAll(",", ";")} | ${"LIS_REPORT_1.csv:1 | 院区代码 | the header lacks 7 columns: 院区代码, 报告日期, 报告单号, 卡类型, 卡号, 审核时间, 修改标志; the whole line was read as one column: is the delimiter another than the feed says?"}
  `("$told", async ({ file, from, to, told }) => {
    expect(await toldOf(file, from, to)).toContain(told);
  });
});
