import type { ATable } from "./a-columns.ts";
import { aTables } from "./a-tb.ts";
import type { History, SampleExport } from "./events.ts";
import { type Row, utf8WithBom } from "./export-files.ts";

/** D's vendor is A's; its export has other files, Chinese headings and fewer columns. */
const files: readonly { table: ATable; file: string; headings: Readonly<Record<string, string>> }[] = [
  {
    table: "TB_YL_PATIENT_INFORMATION",
    file: "患者信息",
    headings: {
      YLJGYQDM: "机构代码",
      KH: "卡号",
      KLX: "卡类型",
      ZJHM: "证件号码",
      ZJLX: "证件类型",
      XB: "性别",
      XM: "姓名",
      CSRQ: "出生日期",
      SJHM: "手机号码",
      JZDZ: "居住地址",
      LXRXM: "联系人姓名",
      LXRGX: "联系人关系",
      LXRDH: "联系人电话",
      YWSCSJ: "上传时间",
      YYDAH: "病案号",
      GJJKKID: "电子健康卡",
      XGBZ: "修改标志",
    },
  },
  {
    table: "TB_HIS_MZ_REG",
    file: "门诊挂号",
    headings: {
      YLJGYQDM: "机构代码",
      JZLSH: "就诊流水号",
      KH: "卡号",
      KLX: "卡类型",
      GHRQ: "挂号时间",
      GTHBZ: "挂退号标志",
      GHKSBM: "科室代码",
      GHKSMC: "科室名称",
      YSGH: "医生工号",
      YSXM: "医生姓名",
      JZJSSJ: "就诊结束时间",
      YWSCSJ: "上传时间",
      XGBZ: "修改标志",
    },
  },
  {
    table: "TB_LIS_REPORT",
    file: "检验报告",
    headings: {
      YLJGYQDM: "机构代码",
      BGRQ: "报告日期",
      BGDH: "报告单号",
      JZLSH: "就诊流水号",
      KH: "卡号",
      KLX: "卡类型",
      YYDAH: "病案号",
      SHYHRYID: "审核人工号",
      SHRXM: "审核人",
      CJSJ: "采集时间",
      JYSJ: "接收时间",
      SHSJ: "审核时间",
      BGSJ: "报告时间",
      BBMC: "标本",
      BGDLB: "报告类别",
      XGBZ: "修改标志",
    },
  },
  {
    table: "TB_LIS_INDICATORS",
    file: "检验结果",
    headings: {
      YLJGYQDM: "机构代码",
      JYZBLSH: "结果流水号",
      BGRQ: "报告日期",
      BGDH: "报告单号",
      JYZBDM: "项目代码",
      JYZBMC: "项目名称",
      JYFF: "检验方法",
      JYZBJG: "结果",
      CKZ: "参考范围",
      JLDW: "单位",
      YCTS: "提示",
      YQMC: "仪器",
      DYXH: "序号",
      XGBZ: "修改标志",
    },
  },
  {
    table: "TB_IH_DIAGNOSIS_DETAIL",
    file: "诊断明细",
    headings: {
      YLJGYQDM: "机构代码",
      ZYZDLSH: "诊断流水号",
      JZLSH: "就诊流水号",
      KH: "卡号",
      KLX: "卡类型",
      ZDLXQF: "中西医",
      ZDSJ: "诊断时间",
      ZDBM: "诊断编码",
      ZDYBBM: "医保诊断编码",
      ZDSM: "诊断名称",
      CYZDBZ: "主诊断",
      YZDBZ: "疑似",
      YWSCSJ: "上传时间",
      XGBZ: "修改标志",
    },
  },
];

/** D's export of a slice of history: UTF-8 with BOM, tabs, Chinese headings; undefined when nothing happened. */
export function dExport(history: History, name: string, uploadedAt: Date): SampleExport | undefined {
  const tables = aTables(history, uploadedAt, (site) => site.key === "d");
  const made = files
    .filter(({ table }) => tables[table].length > 0)
    .map(({ table, file, headings }) => ({
      name: `${file}_${name}.txt`,
      bytes: utf8WithBom(textOf(headings, tables[table])),
    }));
  return made.length === 0 ? undefined : { feed: "d-tb", name, files: made };
}

// No cell of D's has a tab or a line end in it.
function textOf(headings: Readonly<Record<string, string>>, rows: readonly Row[]): string {
  const lines = rows.map((row) => Object.keys(headings).map((column) => row[column] ?? "-"));
  return [Object.values(headings), ...lines].map((cells) => `${cells.join("\t")}\r\n`).join("");
}
