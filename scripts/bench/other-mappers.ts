import { readFileSync } from "node:fs";
import { parse } from "csv-parse";
import { parse as parseAll } from "csv-parse/sync";
import jsonata from "jsonata";
import { Liquid } from "liquidjs";
import type { ExportFile } from "../../src/mapping/mapped.ts";

// The same Observation, as these languages write it: strings and floats, no exact decimals, no place of an error, no coverage.
const inJsonata = `(
  $item := $lookup(items, JYZBDM & '|' & JLDW);
  {
    'resourceType': 'Observation',
    'id': YLJGYQDM & '-' & JYZBLSH,
    'status': XGBZ = '1' ? 'final' : 'entered-in-error',
    'category': [{ 'coding': [{ 'system': 'http://terminology.hl7.org/CodeSystem/observation-category', 'code': 'laboratory' }] }],
    'code': { 'coding': [$item.coding, { 'system': 'urn:hutong:mapping-feed:item', 'code': JYZBDM, 'display': JYZBMC }], 'text': JYZBMC },
    'subject': { 'reference': 'Patient/' & YYDAH },
    'encounter': { 'reference': 'Encounter/' & JZLSH },
    'effectiveDateTime': $replace(CJSJ, ' ', 'T') & '+08:00',
    'issued': $replace(SHSJ, ' ', 'T') & '+08:00',
    'performer': [{ 'identifier': { 'system': 'urn:hutong:institution', 'value': YLJGYQDM } }],
    'valueQuantity': $match(JYZBJG, /^[0-9.]+$/) ? { 'value': $number(JYZBJG) * $item.factor, 'unit': $item.ucum, 'system': 'http://unitsofmeasure.org', 'code': $item.ucum },
    'valueString': $match(JYZBJG, /^[0-9.]+$/) ? undefined : JYZBJG,
    'interpretation': [{ 'coding': [{ 'system': 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', 'code': $lookup(flags, YCTS) }] }],
    'referenceRange': [{ 'text': CKZ }]
  }
)`;
const inLiquid = `{% assign key = JYZBDM | append: '|' | append: JLDW %}{% assign item = items[key] %}{
"resourceType":"Observation","id":{{ YLJGYQDM | append: '-' | append: JYZBLSH | json }},
"status":"{% if XGBZ == '1' %}final{% else %}entered-in-error{% endif %}",
"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],
"code":{"coding":[{% if item %}{{ item.coding | json }},{% endif %}{"system":"urn:hutong:mapping-feed:item","code":{{ JYZBDM | json }},"display":{{ JYZBMC | json }}}],"text":{{ JYZBMC | json }}},
"subject":{"reference":{{ 'Patient/' | append: YYDAH | json }}},"encounter":{"reference":{{ 'Encounter/' | append: JZLSH | json }}},
"effectiveDateTime":{{ CJSJ | replace: ' ', 'T' | append: '+08:00' | json }},"issued":{{ SHSJ | replace: ' ', 'T' | append: '+08:00' | json }},
"performer":[{"identifier":{"system":"urn:hutong:institution","value":{{ YLJGYQDM | json }}}}],
{% if numeric %}"valueQuantity":{"value":{{ JYZBJG | times: item.factor }},"unit":{{ item.ucum | json }},"system":"http://unitsofmeasure.org","code":{{ item.ucum | json }}},{% else %}"valueString":{{ JYZBJG | json }},{% endif %}
"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":{{ flags[YCTS] | json }}}]}],
"referenceRange":[{"text":{{ CKZ | json }}}]}`;

const names = "YLJGYQDM YYDAH JZLSH BGRQ BGDH CJSJ SHSJ JYZBLSH JYZBDM JYZBMC JYZBJG JLDW CKZ YCTS XGBZ".split(" ");
const tables = {
  items: Object.fromEntries(
    table("lab-item").map((row) => [
      `${row.source_code}|${row.source_unit}`,
      {
        coding: { system: row.target_system, code: row.target_code, display: row.target_display },
        ucum: row.target_ucum,
        factor: Number(row.factor),
      },
    ]),
  ),
  flags: Object.fromEntries(table("lis-flag").map((row) => [row.source_code, row.target_code])),
};

/** Rows a second of processor time through one compiled JSONata expression: bytes to JSON text, as ours. */
export async function rowsWithJsonata(file: ExportFile): Promise<number> {
  const expression = jsonata(inJsonata);
  return rate(file, async (row) => JSON.stringify(await expression.evaluate({ ...row, ...tables })));
}

/** Rows a second of processor time through one compiled Liquid template; what it makes must be JSON. */
export async function rowsWithLiquid(file: ExportFile): Promise<number> {
  const engine = new Liquid();
  const template = engine.parse(inLiquid);
  return rate(file, async (row) => {
    const numeric = /^[0-9.]+$/.test(row.JYZBJG ?? "");
    return JSON.stringify(JSON.parse(engine.renderSync(template, { ...row, ...tables, numeric })));
  });
}

async function rate(file: ExportFile, map: (row: Readonly<Record<string, string>>) => Promise<string>): Promise<number> {
  const run = async (most: number) => {
    let rows = 0;
    const decoder = new TextDecoder("gb18030", { fatal: true });
    const parser = parse({ columns: names, from: 2 });
    const fed = (async () => {
      for await (const chunk of file.open()) if (!parser.write(decoder.decode(chunk, { stream: true }))) await drained(parser);
      parser.end();
    })();
    for await (const row of parser) {
      if ((await map(row as Record<string, string>)).length === 0) throw new Error("nothing was made");
      if (++rows === most) break;
    }
    if (rows < most) await fed;
    return rows;
  };
  await run(2_000);
  const start = process.cpuUsage();
  const rows = await run(Number.POSITIVE_INFINITY);
  const { user, system } = process.cpuUsage(start);
  return rows / ((user + system) / 1e6);
}

function drained(parser: ReturnType<typeof parse>): Promise<void> {
  return new Promise((resolve) => parser.once("drain", resolve));
}

function table(name: string): Record<string, string>[] {
  return parseAll(readFileSync(new URL(`mapping-feed/tables/${name}.csv`, import.meta.url)), { columns: true, bom: true });
}
