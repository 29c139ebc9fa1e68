import type { SampleExport } from "./events.ts";
import { csvText, type Row, utf8WithBom } from "./export-files.ts";
import { imagingItems } from "./imaging-items.ts";
import { items } from "./items.ts";
import { laboratories, type MarkRule, markRule } from "./marks.ts";
import { thirdLaboratory } from "./sites.ts";
import { dashedDay, day8, dayMs, later, stamp } from "./time.ts";

export const certificateColumns =
  "证书编号 发布机构代码 机构代码 机构名称 LOINC编码 项目名称 质控机构 质控级别 适用区域 检测周期开始 检测周期结束 发布日期 有效期开始 有效期结束 结果 备注 更新时间".split(
    " ",
  );

const creditCodes: Record<string, readonly [code: string, name: string]> = {
  "a-provincial": ["12990100HTDEM0014T", "临湖省人民医院"],
  "b-central": ["12990100HTDEM0022M", "临湖市中心医院"],
  "c-county": ["12990121HTDEM0030X", "苇塘县人民医院"],
  "c-thirdlab": ["91990100HTDEM0065X", thirdLaboratory.name],
};
const bodies = {
  国家: { body: "国家卫生健康委临床检验中心", region: "全国" },
  省: { body: "临湖省临床检验中心", region: "临湖省" },
  市: { body: "临湖市临床检验质量控制中心", region: "临湖市" },
};

/** Every certificate of the region, as region/marks.yaml decides; valid from 200 days before `today` to 365 days after it. */
export function certificateRows(today: Date): Row[] {
  const rows: Row[] = [];
  for (const laboratory of laboratories) {
    const add = (item: { key: string; loinc: string; name: string }, certificate: MarkRule["certificate"]) => {
      if (certificate !== undefined) rows.push(certificateRow(laboratory, item, certificate, today));
    };
    for (const item of items) add(item, markRule(laboratory, item).certificate);
    const imagingLevel = { "a-provincial": "国家", "b-central": "省" } as const;
    const level = imagingLevel[laboratory as keyof typeof imagingLevel];
    if (level !== undefined) for (const item of imagingItems) if (item.loinc !== "") add(item, { level });
  }
  return rows;
}

/** One row of the quality centre's list. */
export function certificateRow(
  laboratory: string,
  item: { key: string; loinc: string; name: string },
  certificate: NonNullable<MarkRule["certificate"]>,
  today: Date,
): Row {
  const [code = "", name = ""] = creditCodes[laboratory] ?? [];
  const { body, region } = bodies[certificate.level];
  const day = (days: number) => dashedDay(later(today, days * dayMs));
  return {
    证书编号: `EQA-${code.slice(8, 17)}-${item.key}`,
    发布机构代码: "LHLJZX",
    机构代码: code,
    机构名称: name,
    LOINC编码: item.loinc,
    项目名称: item.name,
    质控机构: body,
    质控级别: certificate.level,
    适用区域: region,
    检测周期开始: day(-290),
    检测周期结束: day(-230),
    发布日期: certificate.result === "未公布" ? "-" : day(-205),
    有效期开始: day(-200),
    有效期结束: day(365),
    结果: certificate.result ?? "合格",
    备注: "-",
    更新时间: stamp(later(today, -205 * dayMs)),
  };
}

/** The list as the centre publishes it: UTF-8 with byte order mark, LF. */
export function certificateExport(rows: readonly Row[], today: Date): SampleExport {
  const name = day8(later(today, -dayMs));
  return {
    feed: "quality-certificates",
    name,
    files: [{ name: `EQA_${name}.csv`, bytes: utf8WithBom(csvText(certificateColumns, rows, "\n")) }],
  };
}
