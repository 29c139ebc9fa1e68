import { readFileSync } from "node:fs";
import type { Feed } from "../../../src/mapping/compile-feed.ts";
import type { MappedSheet } from "../../../src/mapping/mapped.ts";
import { typeNames } from "../fhir-words.ts";
import type { Picked } from "../pick-sheets.ts";
import { html, type Markup, trusted } from "./escape.ts";
import { issueGroups, lostRows } from "./issues.ts";
import { createMarks } from "./marks.ts";
import { sheetCard } from "./sheet-card.ts";
import { columnsAndCodes, overview } from "./summary.ts";

/** What the page is made from. */
export interface PageInput {
  readonly feed: Feed;
  readonly picked: Picked;
  readonly files: readonly string[];
  /** Code tables each column is looked up in. */
  readonly tablesOf: ReadonlyMap<string, ReadonlySet<string>>;
  readonly madeAt: Date;
}

const asset = (name: string) => trusted(readFileSync(new URL(name, import.meta.url), "utf8"));

/** The preview as one file: style and script inside, nothing is fetched, and the page may fetch nothing. */
export function previewPage(input: PageInput): string {
  const { feed, picked, files } = input;
  const marks = createMarks(input);
  const page = html`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>映射预览 ${feed.name}</title>
<style>${asset("page.css")}</style>
</head>
<body>
<header>
  <h1>映射预览 <span>${feed.name}</span></h1>
  <p class="sub">${files.slice(0, 6).join("、")}${files.length > 6 && ` 等 ${files.length} 个文件`}<br>模板 ${feed.version}<br>生成于 ${localTime(input.madeAt)}</p>
</header>
<p class="personal"><b>含个人信息。</b>本页显示导出文件中的原始值（姓名、证件号、检验结果等），仅供有权查看这份文件的人核对映射；请勿外传，用毕删除。</p>
<main>
${overview(picked, feed)}
${issueGroups(picked.survey)}
${columnsAndCodes(picked.survey)}
${lostRows(picked, marks)}
${sheets(input, marks)}
</main>
<script>${asset("page.js")}</script>
</body>
</html>
`;
  return page.text;
}

function sheets({ picked, feed }: PageInput, marks: ReturnType<typeof createMarks>): Markup {
  const total = picked.survey.sheets;
  const shown = picked.sheets.length;
  const byTemplate = Map.groupBy(picked.sheets, (sheet) => sheet.mapping);
  const order = feed.templates.map((template) => template.mapping).filter((mapping) => byTemplate.has(mapping));
  return html`<section id="sheets">
<h2>逐行对照</h2>
<p class="note">左边是源文件的行，右边是它变成的 FHIR 资源。${
    shown < total
      ? `共 ${total} 份，这里显示每种的前几份，共 ${shown} 份（--sheets 可增加）；上面的计数与问题包含全部。`
      : `共 ${total} 份，全部显示。`
  }</p>
<nav class="bar" aria-label="筛选">
  <button type="button" data-show="all" class="on">全部</button><button type="button" data-show="marked">只看有标记的</button>
  <input type="search" placeholder="查找单号、项目、姓名…" aria-label="查找">
</nav>
<p class="legend"><span class="mark miss">代码未对照</span><span class="mark unread">列未读取</span><span class="mark bad">值有问题</span></p>
${order.map((mapping) => group(mapping, byTemplate.get(mapping) ?? [], picked, marks))}
</section>`;
}

function group(mapping: string, some: readonly MappedSheet[], picked: Picked, marks: ReturnType<typeof createMarks>): Markup {
  const type = some[0]?.head.split("/")[0] ?? "";
  return html`<h3>${typeNames[type] ?? type} <code>${mapping}</code> <small>${some.length} 份</small></h3>
${some.map((sheet, at) => sheetCard(sheet, picked, marks, at < 3))}`;
}

function localTime(at: Date): string {
  return new Intl.DateTimeFormat("zh-CN", { dateStyle: "medium", timeStyle: "short" }).format(at);
}
