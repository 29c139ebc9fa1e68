import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import iconv from "iconv-lite";
import { preview } from "../../../scripts/mapping/preview.ts";
import { folderOf, run } from "./tools.ts";

const county = "test/mapping/county-a";
const example = `${county}/cases/six-rows/export`;

async function pageOf(files: string, sheets = 60): Promise<string> {
  const out = join(folderOf([]), "page.html");
  await run(preview, [files], { mappings: county, out, sheets });
  return readFileSync(out, "utf8");
}

describe("the preview page", () => {
  it("stands alone: nothing is fetched, and the page itself may fetch nothing", async () => {
    const page = await pageOf(example);
    expect(page).not.toMatch(/<link|<img|<iframe|@import|url\(| src=|fetch\(|XMLHttpRequest/);
    expect(page).toContain("default-src 'none'");
  });

  it("says that it holds personal data", async () => {
    expect(await pageOf(example)).toContain("含个人信息");
  });

  it("shows the row beside what it became, with its digits, and marks what needs somebody", async () => {
    const page = await pageOf(example);
    expect(page).toContain("11.30 10*9/L");
    expect(page).toContain("97.240 umol/L");
    expect(page).toMatch(/class="cell miss"[^>]*><dt>指标代码 <code>JYZBDM<\/code><\/dt><dd>HBsAg/);
    expect(page).toContain("主任签名");
    expect(page).toContain("找不到所属的报告");
  });

  it("shows what a file holds as text, whatever it holds", async () => {
    const reports =
      "院区代码,报告日期,报告单号,就诊流水号,院内患者索引,卡类型,卡号,报告大类,采集时间,审核时间,修改标志,打印时间";
    const row = "0001,20261118,R1,V1,F1,01,1,<script>alert(1)</script>,2026-11-18 08:12:00,2026-11-18 10:30:00,1,-";
    const page = await pageOf(
      folderOf([{ name: "LIS_REPORT_1.csv", bytes: iconv.encode(`${reports}\r\n${row}\r\n`, "gb18030") }]),
    );
    expect(page).not.toContain("<script>alert");
    expect(page).toContain("&lt;script&gt;alert(1)");
  });

  it("of a large file shows the first sheets, counts all, and says so", async () => {
    const reports =
      "院区代码,报告日期,报告单号,就诊流水号,院内患者索引,卡类型,卡号,报告大类,采集时间,审核时间,修改标志,打印时间";
    const rows = Array.from(
      { length: 3_000 },
      (_, at) => `0001,20261118,R${at},V${at},F1,01,1,化学,2026-11-18 08:12:00,2026-11-18 10:30:00,1,-`,
    );
    const files = folderOf([
      { name: "LIS_REPORT_1.csv", bytes: iconv.encode(`${[reports, ...rows].join("\r\n")}\r\n`, "gb18030") },
    ]);
    const page = await pageOf(files, 20);
    expect(page.match(/class="sheet"/g)).toHaveLength(20);
    expect(page).toContain("共 3000 份");
  });
});
