import { readHl7Path } from "./hl7-path.ts";

/** How the files of a feed are written. */
export type FeedFormat = "csv" | "json" | "hl7v2" | "xml" | "xlsx";

/** Prefixes of XML namespaces by the feed's own choice. */
export type Namespaces = Readonly<Record<string, string>>;

const name = String.raw`(?:[\p{L}_][\p{L}\p{N}_.-]*:)?[\p{L}_][\p{L}\p{N}_.-]*`;
const predicate = String.raw`\[(?:\d+|(?:${name}(?:/${name})*)?/?(?:@${name})?=(?:'[^']*'|"[^"]*"))\]`;
const step = `(?:${name}|\\*)(?:${predicate})*`;
const xmlRows = new RegExp(`^(?:/${step})+$`, "u");
const xmlColumn = new RegExp(
  `^(?:@row|(?:/|(?:\\^/)*)(?:${step}(?:/${step})*(?:/(?:@${name}|text\\(\\)))?|@${name}|text\\(\\)))$`,
  "u",
);
const jsonColumn = /^(\$\.|(\^\.)*)(@row|[^.[\]]+(\.[^.[\]]+)*)$/;

/** What is wrong with the path of a column, or undefined. */
export function wrongColumnPath(path: string, format: FeedFormat, namespaces: Namespaces): string | undefined {
  if (format === "hl7v2" && readHl7Path(path) === undefined)
    return `has the path ${path}; HL7 paths look like PID-3.1, PID-3[5=PI].1, @message or @group`;
  if (format === "json" && !jsonColumn.test(path))
    return `has the path ${path}; JSON paths look like name, name.part, ^.name, $.name or @row`;
  if (format !== "xml") return undefined;
  if (!xmlColumn.test(path))
    return `has the path ${path}; XML paths look like code/@code, value/text(), id[@root='1.2']/@extension, ^/name, /document/title or @row`;
  return unknownPrefix(path, namespaces);
}

/** What is wrong with `rows` of a table, or undefined. */
export function wrongRows(rows: string, format: FeedFormat, namespaces: Namespaces): string | undefined {
  if (format === "json" && !rows.endsWith("[*]")) return "rows is a path to a list and ends in [*]";
  if (format === "hl7v2" && !/^[A-Z][A-Z0-9]{2}$/.test(rows)) return "rows is the segment that makes a row (OBR)";
  if (format === "xml" && !xmlRows.test(rows))
    return "rows is the path from the root to the element that makes a row, like /ClinicalDocument/component/section[code/@code='1']";
  if (format === "xml") return unknownPrefix(rows, namespaces);
  return rows !== "" && (format === "csv" || format === "xlsx")
    ? `rows has no meaning in ${format}: each line is a row`
    : undefined;
}

function unknownPrefix(path: string, namespaces: Namespaces): string | undefined {
  const plain = path.replace(/'[^']*'|"[^"]*"/g, "''");
  const prefix = [...plain.matchAll(/([\p{L}_][\p{L}\p{N}_.-]*):/gu)].find(([, one]) => !Object.hasOwn(namespaces, one ?? ""));
  return prefix === undefined ? undefined : `uses the prefix ${prefix[1]}, which namespaces does not declare`;
}
