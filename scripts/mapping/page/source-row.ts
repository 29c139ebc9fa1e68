import type { ExportIssue } from "../../../src/ingest/issue-list.ts";
import type { ObservedRow } from "../../../src/mapping/mapped.ts";
import { meaningOf } from "../init/guess-column.ts";
import { issueText } from "../issue-texts.ts";
import { html, type Markup } from "./escape.ts";
import type { Marks } from "./marks.ts";

const markNames = { miss: "代码未对照", unread: "列未读取", bad: "值有问题" } as const;

/** One source row as read: columns with a value, marked where something is to be said; empty and unused ones by name only. */
export function sourceRow(row: ObservedRow, marks: Marks): Markup {
  const cells = Object.entries(row.cells);
  const leftOut = cells.filter(([name]) => marks.unusedReason(row.table, name) !== undefined);
  const used = cells.filter(([name]) => marks.unusedReason(row.table, name) === undefined);
  const filled = used.filter(([, cell]) => !marks.isAbsent(cell.text));
  const empty = used.filter(([, cell]) => marks.isAbsent(cell.text));
  return html`<dl class="cells">${filled.map(([name, cell]) => {
    const mark = marks.cell(row, name);
    return html`<div class="cell ${mark}"${mark && html` title="${markNames[mark]}"`}><dt>${fieldName(name, cell.field)}</dt><dd>${cell.text}${mark && html` <em>${markNames[mark]}</em>`}</dd></div>`;
  })}</dl>
${empty.length > 0 && html`<p class="rest">空：${empty.map(([, cell]) => cell.field).join("、")}</p>`}
${
  leftOut.length > 0 &&
  html`<details class="rest"><summary>按约定不用的列 ${leftOut.length}</summary>${leftOut.map(
    ([name, cell]) => html`<div>${cell.field} ${cell.text} <i>${marks.unusedReason(row.table, name)}</i></div>`,
  )}</details>`
}`;
}

/** The heading as in the file, with the feed's name of it or, where both are the same pinyin, what it usually means. */
function fieldName(name: string, field: string): Markup {
  const meaning = /\p{Script=Han}/u.test(field) ? "" : meaningOf(name);
  return html`${meaning === "" ? field : meaning} ${(meaning !== "" || field !== name) && html`<code>${meaning === "" ? name : field}</code>`}`;
}

/** Issues at their row: title, reason as the engine told it, where in the mapping, and what to do. */
export function rowIssues(issues: readonly ExportIssue[]): Markup {
  return html`${issues.map((issue) => {
    const { title, hint } = issueText(issue.code);
    return html`<div class="issue ${issue.severity}"><b>${title}</b>${issue.field && html` · ${issue.field}`}${
      issue.element && html` · <code>${issue.element}</code>`
    }<p>${issue.reason}</p>${issue.mapping && html`<p class="where">${issue.mapping}${issue.mappingLine && ` 第 ${issue.mappingLine} 行`}</p>`}<p class="hint">${hint}</p></div>`;
  })}`;
}
