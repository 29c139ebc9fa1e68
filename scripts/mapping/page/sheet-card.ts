import type { MappedResource, MappedSheet, PersonFacts } from "../../../src/mapping/mapped.ts";
import { fhirJson, fhirLines } from "../fhir-lines.ts";
import { elementName, typeNames } from "../fhir-words.ts";
import { type Picked, placeOf } from "../pick-sheets.ts";
import { html, type Markup } from "./escape.ts";
import type { Marks } from "./marks.ts";
import { rowIssues, sourceRow } from "./source-row.ts";

/** One sheet: each of its rows beside the resources made of it. */
export function sheetCard(sheet: MappedSheet, picked: Picked, marks: Marks, open: boolean): Markup {
  const pairs = [...Map.groupBy(sheet.members, placeOf)].map(([place, members]) => pair(place, members, sheet, picked, marks));
  const [head] = sheet.members;
  const withdrawn = head?.state === "retracted";
  return html`<details class="sheet"${open && html` open`}><summary><b>${titleOf(sheet)}</b><span class="facts">${sheet.tenant}${
    sheet.campus && ` · 院区 ${sheet.campus}`
  } · ${sheet.members.length} 个资源${sheet.order && ` · 次序 ${sheet.order}`}</span>${withdrawn && html`<span class="tag">已撤销</span>`}</summary>
${pairs}</details>`;
}

function titleOf({ members, head }: MappedSheet): string {
  const resource = members[0]?.resource as {
    code?: { text?: string };
    identifier?: { value?: string }[];
    name?: { text?: string }[];
  };
  const number = resource.identifier?.find((one) => one.value !== undefined)?.value;
  const name = resource.name?.[0]?.text ?? resource.code?.text;
  return [name, number].filter((part) => part !== undefined).join(" ") || head;
}

function pair(place: string, members: readonly MappedResource[], sheet: MappedSheet, picked: Picked, marks: Marks): Markup {
  const rows = picked.rows.get(place) ?? [];
  const [first] = members;
  const isHead = first === sheet.members[0];
  return html`<div class="pair"><div class="source"><h4>${first?.file} <span>第 ${first?.line} 行</span></h4>
${rows.length === 0 ? html`<p class="rest">（此行的原始值未保留）</p>` : rows.map((row) => sourceRow(row, marks))}
${first !== undefined && rowIssues(marks.issuesAt(first))}</div>
<div class="fhir">${members.map(resourceCard)}${isHead && sheet.person && personFacts(sheet.person)}</div></div>`;
}

function resourceCard({ resource, state }: MappedResource): Markup {
  const { resourceType: type } = resource;
  return html`<article class="resource ${state === "retracted" && "gone"}"><h5>${typeNames[type] ?? type} <code>${type}/${resource.id?.slice(0, 9)}</code>${
    state === "retracted" && html` <span class="tag">撤销</span>`
  }</h5>
<table>${fhirLines(resource).map(
    ({ element, text }) => html`<tr><th>${elementName(element)} <code>${element}</code></th><td>${text}</td></tr>`,
  )}</table><details class="json"><summary>JSON</summary><pre>${fhirJson(resource)}</pre></details></article>`;
}

const factNames: Readonly<Record<string, string>> = {
  name: "姓名",
  birthDate: "出生日期",
  sex: "性别",
  phone: "电话",
  address: "地址",
  newborn: "新生儿",
};

/** The clear values by which a person is recognised: they stand in no resource. */
function personFacts(person: PersonFacts): Markup {
  const documents = [person.identity, ...(person.otherIdentities ?? [])].flatMap((one) => (one === undefined ? [] : [one]));
  const { guardian } = person;
  const rows: [string, unknown][] = [
    ...documents.map(({ type, number }): [string, unknown] => [`证件 ${type}`, number]),
    ...Object.entries(factNames).map(([name, label]): [string, unknown] => [label, person[name as keyof PersonFacts]]),
    ["监护人", guardian && [guardian.name, guardian.number, guardian.phone].filter(Boolean).join(" ")],
  ];
  return html`<article class="resource person"><h5>身份识别用 <small>只用于认人，不写入资源</small></h5><table>${rows
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([label, value]) => html`<tr><th>${label}</th><td>${value}</td></tr>`)}</table></article>`;
}
