import { issueText } from "../issue-texts.ts";
import { type Picked, placeOf } from "../pick-sheets.ts";
import type { IssueGroup, Survey } from "../survey.ts";
import { html, type Markup } from "./escape.ts";
import type { Marks } from "./marks.ts";
import { rowIssues, sourceRow } from "./source-row.ts";

/** All issues of the export, counted by what they say: the title, what to do, then each reason with its first places. */
export function issueGroups({ issues }: Survey): Markup {
  const byCode = [...Map.groupBy(issues, (one) => one.code)];
  return html`<section id="issues"><h2>问题</h2>
${byCode.length === 0 && html`<p class="note">没有问题：每一行都已转换。</p>`}
${byCode.map(([code, groups]) => {
  const { title, hint } = issueText(code);
  const total = groups.reduce((sum, one) => sum + one.count, 0);
  return html`<div class="kind ${groups[0]?.severity}"><h3>${title} <code>${code}</code> <small>×${total}</small></h3><p class="hint">${hint}</p>
<ul>${groups.slice(0, 20).map(reason)}</ul>${groups.length > 20 && html`<p class="note">另有 ${groups.length - 20} 种原因。</p>`}</div>`;
})}</section>`;
}

function reason({ field, element, mapping, reason: text, count, places }: IssueGroup): Markup {
  return html`<li>${field && !text.startsWith(field) && html`<b>${field}</b> `}${
    element && !text.startsWith(element) && html`<code>${element}</code> `
  }${text}${
    mapping && html` <span class="where">${mapping}</span>`
  }<div class="places">×${count}：${placesByFile(places)}${count > places.length && " …"}</div></li>`;
}

/** `a.csv 第 3、4 行，b.csv 第 7 行` of `a.csv:3`, `a.csv:4`, `b.csv:7`; a place without a line is its file. */
function placesByFile(places: readonly string[]): string {
  const parts = places.map((place) => /^(.*):(\d+)$/.exec(place) ?? [place, place, ""]);
  return [...Map.groupBy(parts, ([, file]) => file)]
    .map(([file, some]) => [file, some.map(([, , line]) => line).filter(Boolean)] as const)
    .map(([file, lines]) => (lines.length === 0 ? file : `${file} 第 ${lines.join("、")} 行`))
    .join("，");
}

/** Rows that became nothing, as read: only those that stand in no shown sheet. */
export function lostRows(picked: Picked, marks: Marks): Markup | undefined {
  const shown = new Set(picked.sheets.flatMap((sheet) => sheet.members).map(placeOf));
  const places = new Map(
    picked.issues
      .filter((issue) => issue.line !== undefined && !shown.has(placeOf(issue)))
      .map((issue) => [placeOf(issue), issue] as const),
  );
  if (places.size === 0) return undefined;
  return html`<section><h2>有问题的行</h2><p class="note">不在下面所列报告中的行，按文件次序。</p>
${[...places].map(([place, issue], at) => {
  const rows = picked.rows.get(place) ?? [];
  return html`<details class="sheet lost"${at < 3 && html` open`}><summary><b>${issueText(issue.code).title}</b><span class="facts">${issue.file} 第 ${issue.line} 行</span></summary>
<div class="pair"><div class="source">${rows.map((row) => sourceRow(row, marks))}${rows.length === 0 && html`<p class="rest">（此行无法读出）</p>`}</div><div class="fhir">${rowIssues(marks.issuesAt(issue))}</div></div></details>`;
})}</section>`;
}
