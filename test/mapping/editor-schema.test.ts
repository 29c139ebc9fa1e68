import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { mappingSchema, mappingSchemaText } from "../../scripts/mapping-schema.ts";
import { edit } from "./mapping-folder.ts";

const mappings = fileURLToPath(new URL("../../mappings/", import.meta.url));
const shipped = readdirSync(mappings, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".yaml") && !name.includes("cases/"))
  .sort();
const validate = new Ajv({ allErrors: true, strict: false }).compile(mappingSchema());
const placesOf = (yaml: string): string[] =>
  validate(parse(yaml)) ? [] : [...new Set((validate.errors ?? []).map(({ instancePath }) => instancePath))];
const county = fileURLToPath(new URL("county-a/", import.meta.url));
const feed = readFileSync(`${county}feed.yaml`, "utf8");
const template = readFileSync(`${county}report.yaml`, "utf8");

describe("mappings/schema.json, which editors check mappings with", () => {
  it("is what scripts/make-mapping-schema.ts makes today", () => {
    expect(readFileSync(`${mappings}schema.json`, "utf8")).toBe(mappingSchemaText());
  });

  it.each(shipped)("finds nothing wrong with %s", (name) => {
    const text = readFileSync(`${mappings}${name}`, "utf8");
    expect(validate(parse(text)) ? [] : validate.errors).toEqual([]);
  });

  it.each<{ mistake: string; file: string; from: string; to: string; place: string }>`
    mistake                            | file        | from                                  | to                                 | place
    ${"an element FHIR does not have"} | ${template} | ${"    issued:"}                      | ${"    isued:"}                    | ${"/emit/0"}
    ${"a required element left out"}   | ${template} | ${"    status:"}                      | ${"    language:"}                 | ${"/emit/0"}
    ${"a code outside its binding"}    | ${template} | ${"\"{{ XGBZ.code('row-state') }}\""} | ${"closed"}                        | ${"/emit/0/status"}
    ${"text around an expression"}     | ${template} | ${'"{{ CJSJ }}"'}                     | ${'"at {{ CJSJ }}"'}               | ${"/emit/0/effectiveDateTime"}
    ${"an object for a text"}          | ${template} | ${'"{{ CJSJ }}"'}                     | ${"{ start: x }"}                  | ${"/emit/0/effectiveDateTime"}
    ${"a resource that is none"}       | ${template} | ${"resourceType: Observation"}        | ${"resourceType: Result"}          | ${"/emit/1/resourceType"}
    ${"a directive nobody knows"}      | ${template} | ${"{ $ref: Patient }"}                | ${"{ $reff: Patient }"}            | ${"/emit/0/subject"}
    ${"an unknown setting"}            | ${template} | ${"version: 3"}                       | ${"version: 3\nwhen: x"}           | ${""}
    ${"a version that is no number"}   | ${template} | ${"version: 3"}                       | ${"version: three"}                | ${"/version"}
    ${"a key that is no list"}         | ${template} | ${"Encounter: [YLJGYQDM, JZLSH]"}     | ${"Encounter: JZLSH"}              | ${"/ids/Encounter"}
    ${"a column type that is none"}    | ${feed}     | ${"header: 报告日期, type: date8"}    | ${"header: 报告日期, type: date9"} | ${"/tables/report/columns/BGRQ/type"}
    ${"a column setting misspelt"}     | ${feed}     | ${"header: 报告日期, type"}           | ${"heder: 报告日期, type"}         | ${"/tables/report/columns/BGRQ"}
    ${"an encoding nobody reads"}      | ${feed}     | ${"encoding: gb18030"}                | ${"encoding: gbk"}                 | ${"/encoding"}
    ${"a feed without tables"}         | ${feed}     | ${"tables:"}                          | ${"misses:"}                       | ${""}
  `("underlines $mistake", ({ file, from, to, place }) => {
    expect(placesOf(edit(file, from, to))).toContain(place);
  });
});
