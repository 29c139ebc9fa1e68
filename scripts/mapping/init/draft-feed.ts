import { absentIn, meaningOf } from "./guess-column.ts";
import type { DraftColumn, DraftTable } from "./plan-draft.ts";
import type { Sample } from "./sample-tables.ts";

/** The text of feed.yaml: what the files hold, with what each column was taken for. */
export function draftFeed(feed: string, sample: Sample, tables: readonly DraftTable[]): string {
  const absent = absentIn(sample.tables.flatMap((table) => table.columns));
  const institution = tables.flatMap((table) => table.columns).find((column) => column.concept === "institution");
  const lines = [
    "# Drafted by `npm run mapping -- init`: every guess is to be checked. The language: docs/mapping.md, mappings/README.md.",
    `feed: ${feed}`,
    `origin: ${originOf(tables)}                 # his, lis, ris, analyser, poct: which system exports this`,
    `format: ${sample.format}`,
    `encoding: ${sample.encoding === "gb18030" ? "gb18030" : "utf-8"}`,
    ...(sample.delimiter === undefined || sample.delimiter === "," ? [] : [`delimiter: ${JSON.stringify(sample.delimiter)}`]),
    'time_zone: "+08:00"',
    `absent: ${JSON.stringify(absent)}            # this feed's ways of saying "nothing", besides an empty cell`,
    ...(institution === undefined
      ? ["institution: { always: FILL-IN }   # no column names the institution: the code by which the registry knows it"]
      : [`institution: ${institution.name}`]),
    "tables:",
    ...tables.flatMap((table) => tableLines(table)),
  ];
  return `${lines.join("\n")}\n`;
}

function originOf(tables: readonly DraftTable[]): string {
  const kinds = new Set(tables.map((table) => table.kind));
  if (kinds.has("patient") || kinds.has("visit")) return "his";
  return kinds.has("imaging-report") ? "ris" : kinds.has("lab-result") ? "lis" : "his";
}

function tableLines({ name, file, rows, columns, kind, messages, sheet }: DraftTable): string[] {
  return [
    `  ${name}:${kind === "unknown" ? "                       # nothing tells what a row of this table is" : ""}`,
    `    file: ${JSON.stringify(file)}`,
    ...(rows === "" ? [] : [`    rows: ${JSON.stringify(rows)}`]),
    ...(sheet === undefined ? [] : [`    sheet: ${JSON.stringify(sheet)}`]),
    ...(messages === undefined ? [] : [`    messages: ${JSON.stringify(messages)}`]),
    "    columns:",
    ...columns.map((column) => columnLine(column, rows !== "")),
  ];
}

function columnLine({ name, field, concept, type, place }: DraftColumn, isPath: boolean): string {
  const settings = [
    ...(field === name ? [] : [`${isPath ? "path" : "header"}: ${JSON.stringify(field)}`]),
    ...(type === "text" ? [] : [`type: ${type}`]),
    ...(concept === "institution" ? ["required: true"] : isPath || place ? [] : ["optional: true"]),
  ];
  const remark = place
    ? ""
    : concept === undefined
      ? '   # not recognised: use it in a template, or say unused: "why"'
      : `   # ${meaningOf(concept)}`;
  return `      ${yamlKey(name)}: { ${settings.join(", ")} }${remark}`.replace("{  }", "{}");
}

/** A name as a YAML key: quoted where it could be taken for something else. */
function yamlKey(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(name)
    ? name
    : JSON.stringify(name);
}
