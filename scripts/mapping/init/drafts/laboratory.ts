import {
  header,
  institutionOf,
  issuedOf,
  line,
  type Maker,
  order,
  type Pen,
  pen,
  statusOf,
  subjectIds,
  subjectLines,
} from "./pen.ts";

/** A laboratory report with its results. */
export const reportTemplate: Maker = (one, join, results) => {
  const { of, has, key, feed } = one;
  const ids = subjectIds(one);
  const inner = join === undefined || results === undefined ? undefined : pen(feed, results);
  const ownKey = has("report_date") ? key("report_date", "report_number") : key("report_number");
  return [
    `# One row is one laboratory report${inner === undefined ? "" : `, with its rows of ${inner.table.name}`}.`,
    ...header(one, "lab-report"),
    ...line(
      inner !== undefined,
      `with: { results: { table: ${inner?.table.name}, on: ${join}${inner?.has("position") ? `, order: ${inner.of("position")}` : ""} } }`,
    ),
    "ids:",
    ...ids,
    `  DiagnosticReport: ${ownKey}            # numbers are used again the next year? then a date belongs to the key`,
    ...(inner === undefined ? [] : [`  Observation: ${resultKey(inner)}`]),
    ...order(one, "reviewed", "reported", "updated"),
    "emit:",
    "  - resourceType: DiagnosticReport",
    `    identifier: { system: "urn:hutong:${feed}:lab-report", value: "{{ ${of("report_number")} }}" }`,
    `    status: ${statusOf(one)}`,
    "    category: { coding: { system: http://terminology.hl7.org/CodeSystem/v2-0074, code: LAB } }",
    `    code: { coding: { system: http://loinc.org, code: 11502-2, display: Laboratory report }${has("report_class") ? `, text: "{{ ${of("report_class")} }}"` : ""} }`,
    ...subjectLines(one),
    ...line(has("collected"), `    effectiveDateTime: "{{ ${of("collected")} }}"`),
    ...line(issuedOf(one) !== undefined, `    issued: "{{ ${issuedOf(one)} }}"`),
    `    performer: ${institutionOf(one)}`,
    ...line(has("reviewer"), `    resultsInterpreter: { display: "{{ ${of("reviewer")} }}" }`),
    ...(inner === undefined
      ? []
      : ["    result: { $each: results, $ref: Observation }", ...observation(inner, { each: "results", outer: one })]),
  ];
};

/** Results without a report. */
export const resultTemplate: Maker = (one) => {
  const ids = subjectIds(one);
  if (!one.has("result_number") && !one.has("report_number") && !one.has("visit_number", "collected"))
    return "no columns name the result (report number and item, or a number of its own)";
  return [
    "# One row is one result; there is no table of reports, so no DiagnosticReport is made.",
    ...header(one, "lab-result"),
    "ids:",
    ...ids,
    `  Observation: ${resultKey(one)}`,
    ...order(one, "reviewed", "reported", "updated"),
    "emit:",
    ...observation(one),
  ];
};

function resultKey(one: Pen): string {
  const { has, key } = one;
  const item = has("item_code") ? "item_code" : "item_name";
  if (has("result_number") && !has("report_number") && one.table.within !== undefined)
    return `[${one.key("result_number")?.slice(1, -1)}, row]`;
  return (
    (has("result_number") && key("result_number")) ||
    (has("report_number") && key("report_number", item)) ||
    key("visit_number", item, "collected") ||
    `[row, ${one.of(item)}]`
  );
}

/** The Observation of a result row; `outer`: times and review stand on its report. */
function observation(one: Pen, nested?: { each: string; outer: Pen }): string[] {
  const { of, has, feed } = one;
  const code = has("item_code") ? of("item_code") : of("item_name");
  const unit = has("unit") ? of("unit") : "''";
  const top = (concept: string): string | undefined =>
    has(concept)
      ? of(concept)
      : nested?.outer.has(concept)
        ? `%${nested.outer.table.name}.${nested.outer.of(concept)}`
        : undefined;
  const outer = nested?.outer;
  const status = outer === undefined || has("row_state") ? statusOf(one) : statusOf(outer, `%${outer.table.name}.`);
  const issued = issuedOf(one) ?? (outer && issuedOf(outer, `%${outer.table.name}.`));
  const times = [
    ...line(top("collected") !== undefined, `    effectiveDateTime: "{{ ${top("collected")} }}"`),
    ...line(issued !== undefined, `    issued: "{{ ${issued} }}"`),
  ];
  return [
    ...(nested === undefined ? [] : [`  - $each: ${nested.each}`, "    $let:"]),
    ...(nested === undefined ? ["  - resourceType: Observation", "    $let:"] : []),
    `      item: ${code}.row('lab-item'${has("unit") ? `, ${unit}` : ""})         # one line a code and unit in tables/lab-item.csv; a miss is counted`,
    `      value: ${of("result")}.number(%item.factor)`,
    ...line(has("range"), `      range: ${of("range")}.range(%item.factor)`),
    ...line(has("unit"), `      unit: "%item.unit.orElse(${unit})"`),
    ...(nested === undefined ? [] : ["    resourceType: Observation"]),
    `    status: ${status}`,
    "    category: { coding: { system: http://terminology.hl7.org/CodeSystem/observation-category, code: laboratory } }",
    "    code:",
    `      coding: ["{{ %item.coding }}", { system: "urn:hutong:${feed}:item", code: "{{ ${code} }}"${has("item_name") ? `, display: "{{ ${of("item_name")} }}"` : ""} }]`,
    `      text: "{{ ${has("item_name") ? of("item_name") : code} }}"`,
    ...subjectLines(outer ?? one, outer === undefined ? "" : `%${outer.table.name}.`),
    ...times,
    `    performer: ${institutionOf(one, outer)}`,
    `    valueQuantity: { $if: "%value.exists()", comparator: "{{ %value.comparator }}", value: "{{ %value.value }}", ${has("unit") ? 'unit: "{{ %unit }}"' : 'unit: "{{ %item.unit }}"'}, system: "{{ %item.unitSystem }}", code: "{{ %item.ucum }}" }`,
    `    valueString: "{{ iif(%value.empty(), ${of("result")}) }}"`,
    `    dataAbsentReason: { $if: "${of("result")}.empty()", coding: { system: http://terminology.hl7.org/CodeSystem/data-absent-reason, code: unknown } }`,
    ...line(has("flag"), `    interpretation: { coding: "{{ ${of("flag")}.coding('lis-flag') }}" }`),
    ...line(
      has("range"),
      `    referenceRange:\n      text: "{{ ${of("range")} }}"\n      low: { $if: "%range.low.exists()", value: "{{ %range.low }}"${has("unit") ? ', unit: "{{ %unit }}"' : ""} }\n      high: { $if: "%range.high.exists()", value: "{{ %range.high }}"${has("unit") ? ', unit: "{{ %unit }}"' : ""} }`,
    ),
    ...line(has("method"), `    method: { text: "{{ ${of("method")} }}" }`),
    ...line(has("note"), `    note: { text: "{{ ${of("note")} }}" }`),
  ];
}
