import type { Feed } from "../../../src/mapping/compile-feed.ts";
import { typeNames } from "../fhir-words.ts";
import type { Picked } from "../pick-sheets.ts";
import type { Survey } from "../survey.ts";
import { html, type Markup } from "./escape.ts";

const origins: Readonly<Record<string, string>> = {
  his: "HIS",
  lis: "检验系统",
  ris: "影像系统",
  analyser: "分析仪（结果一律为初步）",
  poct: "床旁检测（结果一律为初步）",
  registry: "登记系统",
};

/** The numbers first: rows, resources, and what of the file was not understood. */
export function overview({ survey }: Picked, feed: Feed): Markup {
  const { report, resources, issues } = survey;
  const rows = Object.values(report.rows);
  const sum = (name: "read" | "mapped" | "skipped") => rows.reduce((total, one) => total + one[name], 0);
  const misses = report.tableMisses.reduce((total, one) => total + one.count, 0);
  const made = [...resources.values()].reduce((total, count) => total + count, 0);
  const told = issues.reduce((total, one) => total + one.count, 0);
  return html`<section>
<ul class="numbers">
  ${number("读取行", sum("read"))}${number("已转换", sum("mapped"), "good")}${number("未转换", sum("skipped"), sum("skipped") > 0 && "bad")}
  ${number("FHIR 资源", made)}${number("问题", told, told > 0 && "bad", "#issues")}
  ${number("未声明的列", report.unmappedColumns.length, report.unmappedColumns.length > 0 && "warn", "#columns")}
  ${number("未读取的列", report.unusedColumns.length, report.unusedColumns.length > 0 && "warn", "#columns")}
  ${number("未对照代码", misses, misses > 0 && "warn", "#columns")}
</ul>
<div class="two">
<div><table class="plain"><caption>各表的行（来源 ${origins[feed.origin] ?? feed.origin}）</caption><tr><th>表</th><th>读取</th><th>转换</th><th>未转换</th></tr>
${Object.entries(report.rows).map(
  ([table, { read, mapped, skipped }]) =>
    html`<tr><td>${table}</td><td>${read}</td><td>${mapped}</td><td class="${skipped > 0 && "bad"}">${skipped}</td></tr>`,
)}</table></div>
<div><table class="plain"><caption>得到的资源</caption><tr><th>类型</th><th></th><th>数量</th></tr>
${[...resources].map(([type, count]) => html`<tr><td>${typeNames[type] ?? type}</td><td><code>${type}</code></td><td>${count}</td></tr>`)}</table></div>
</div></section>`;
}

function number(label: string, value: number, tone: string | false = false, link?: string): Markup {
  const inner = html`<b class="${tone}">${value}</b><span>${label}</span>`;
  return html`<li>${link === undefined ? inner : html`<a href="${link}">${inner}</a>`}</li>`;
}

/** Columns nobody declared or reads, and codes no table translates: what the integrator finishes next. */
export function columnsAndCodes({ report }: Survey): Markup | undefined {
  const { unmappedColumns, unusedColumns, tableMisses } = report;
  if (unmappedColumns.length + unusedColumns.length + tableMisses.length === 0) return undefined;
  return html`<section id="columns"><h2>没有用到的列与代码</h2><div class="two">
${
  unmappedColumns.length > 0 &&
  html`<div><h3>文件中有、feed.yaml 未声明的列</h3><p class="note">声明它，或确认不需要。</p><ul class="chips">${unmappedColumns.map(
    ({ table, column, count }) =>
      html`<li class="mark miss"><b>${column}</b> <small>${table}${count > 1 && ` ×${count}`}</small></li>`,
  )}</ul></div>`
}
${
  unusedColumns.length > 0 &&
  html`<div><h3>已声明、没有模板读取的列</h3><p class="note">在模板中使用，或写明 <code>unused: "原因"</code>。</p><ul class="chips">${unusedColumns.map(
    ({ table, column }) => html`<li class="mark unread"><b>${column}</b> <small>${table}</small></li>`,
  )}</ul></div>`
}
${
  tableMisses.length > 0 &&
  html`<div><h3>对照表中没有的代码</h3><p class="note">按出现次数排列；在 tables/ 的同名 csv 中补行。</p><table class="plain"><tr><th>对照表</th><th>代码</th><th>单位</th><th>次数</th></tr>${tableMisses
    .slice(0, 200)
    .map(
      ({ table, code, unit, count }) =>
        html`<tr><td>${table}</td><td><b>${code}</b></td><td>${unit}</td><td>${count}</td></tr>`,
    )}</table>${tableMisses.length > 200 && html`<p class="note">另有 ${tableMisses.length - 200} 种。</p>`}</div>`
}
</div></section>`;
}
