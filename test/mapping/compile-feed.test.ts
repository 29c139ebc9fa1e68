import { describe, expect, it } from "@jest/globals";
import { compileFeed } from "../../src/mapping/compile-feed.ts";
import { feedIn, fileOf, mapFiles } from "./map-files.ts";
import { edit, mappingFolder } from "./mapping-folder.ts";

const feedYaml = `feed: small
supplier: a-his
format: csv
institution: org
tables:
  row:
    file: "rows_*.csv"
    columns:
      org: { type: code }
      number: {}
      result: { optional: true }
      taken: { type: local_time, optional: true }
      day: { type: date8, optional: true }
      state: { type: code, optional: true }
`;
const template = `mapping: small/row
version: 1
for: row
ids:
  Patient: [org, number]
  Observation: [org, number]
emit:
  - resourceType: Observation
    status: final
    code: { text: x }
    subject: { $ref: Patient }
    valueString: "{{ result }}"
    effectiveDateTime: "{{ taken.orElse(\`day\`) }}"
    note: { text: "{{ state }}" }
`;
const tables = {
  "small/tables/state.csv": "source_code,target_code\n1,final\n2,preliminary\n",
  "tables/shared.csv": "source_code,target_code\na,b\n",
};
const compile = async (changes: { feed?: string; row?: string } & Record<string, string> = {}) => {
  const { feed = feedYaml, row = template, ...more } = changes;
  return compileFeed(await mappingFolder("small", { "small/feed.yaml": feed, "small/row.yaml": row, ...tables, ...more }));
};

describe("a mapping folder", () => {
  it("compiles when nothing is wrong", async () => {
    expect(await compile()).toMatchObject({ kind: "compiled", feed: { name: "small", version: "row@1", unusedColumns: [] } });
  });

  it.each<{ mistake: string; file: string; from: string; to: string; line: number | undefined; reason: RegExp }>`
    mistake                                  | file           | from                          | to                                         | line         | reason
    ${"a column the feed does not have"}     | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ reslut }}"}                          | ${12}        | ${/names the column reslut/}
    ${"a column misspelt inside a function"} | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ iif(reslut = '1', result) }}"}       | ${12}        | ${/names the column reslut/}
    ${"a column misspelt in slow FHIRPath"}  | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ reslut.upper() }}"}                  | ${12}        | ${/names the column reslut/}
    ${"a name bound nowhere"}                | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ %item.unit }}"}                      | ${12}        | ${/names %item/}
    ${"a table that is not there"}           | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ result.code('stat') }}"}             | ${12}        | ${/no tables\/stat\.csv/}
    ${"a table name that is computed"}       | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ result.code(state) }}"}              | ${12}        | ${/without the name of a table/}
    ${"no FHIRPath"}                         | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ result + }}"}                        | ${12}        | ${/is not FHIRPath/}
    ${"a function nobody has"}               | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ result.uppercase() }}"}              | ${12}        | ${/calls the function uppercase, which mappings do not have/}
    ${"a pattern that may run for minutes"}  | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ result.matches('^(a+)+$') }}"}       | ${12}        | ${/repeats inside a repetition/}
    ${"a pattern inside a group inside"}     | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ result.matches('((x|a*)b)+') }}"}    | ${12}        | ${/repeats inside a repetition/}
    ${"a pattern that is computed"}          | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ result.matches(state) }}"}           | ${12}        | ${/a pattern that is no literal/}
    ${"a pattern that is none"}              | ${"row.yaml"}  | ${"{{ result }}"}             | ${"{{ result.matches('(') }}"}             | ${12}        | ${/no regular expression/}
    ${"text around an expression"}           | ${"row.yaml"}  | ${'"{{ result }}"'}           | ${'"x {{ result }}"'}                      | ${12}        | ${/mixes text/}
    ${"an element FHIR does not have"}       | ${"row.yaml"}  | ${"valueString:"}             | ${"valuString:"}                           | ${12}        | ${/Observation has no element valuString/}
    ${"a list where one value may stand"}    | ${"row.yaml"}  | ${'"{{ result }}"'}           | ${'["{{ result }}"]'}                      | ${12}        | ${/may stand only once/}
    ${"an object where a text stands"}       | ${"row.yaml"}  | ${'"{{ result }}"'}           | ${"{ text: x }"}                           | ${12}        | ${/is a string, not an object/}
    ${"a code outside a required binding"}   | ${"row.yaml"}  | ${"status: final"}            | ${"status: finished"}                      | ${9}         | ${/it may be registered, preliminary, final/}
    ${"a required element left out"}         | ${"row.yaml"}  | ${"    status: final\n"}      | ${""}                                      | ${8}         | ${/Observation\.status is required/}
    ${"a reference without ids"}             | ${"row.yaml"}  | ${"$ref: Patient"}            | ${"$ref: Encounter"}                       | ${11}        | ${/Encounter, which has no entry in ids/}
    ${"a resource without ids"}              | ${"row.yaml"}  | ${"  Observation: [org"}      | ${"  Specimen: [org"}                      | ${8}         | ${/Observation has no entry in ids/}
    ${"a directive nobody knows"}            | ${"row.yaml"}  | ${"{ $ref: Patient }"}        | ${"{ $reff: Patient }"}                    | ${11}        | ${/unknown directive/}
    ${"a join that is not declared"}         | ${"row.yaml"}  | ${'{ text: "{{ state }}" }'}  | ${'{ $each: rows, text: "{{ state }}" }'}  | ${14}        | ${/repeats over rows/}
    ${"ids without a key"}                   | ${"row.yaml"}  | ${"  Patient: [org, number]"} | ${"  Patient: { kind: patient }"}          | ${5}         | ${/needs either key or first_of|Invalid input/}
    ${"a person of no patient"}              | ${"row.yaml"}  | ${"emit:"}                    | ${"person: { name: result }\nemit:"}       | ${7}         | ${/first resource is a Patient/}
    ${"a path that is none in JSON"}         | ${"feed.yaml"} | ${"format: csv"}              | ${"format: json"}                          | ${6}         | ${/ends in \[\*\]/}
    ${"a path that is none in HL7"}          | ${"feed.yaml"} | ${"format: csv"}              | ${"format: hl7v2"}                         | ${9}         | ${/HL7 paths look like/}
    ${"a key of nothing"}                    | ${"row.yaml"}  | ${"for: row"}                 | ${"for: rows"}                             | ${3}         | ${/no table of the feed/}
    ${"an unknown setting of a template"}    | ${"row.yaml"}  | ${"version: 1"}               | ${"version: 1\nwhen: x"}                   | ${3}         | ${/when is not known here/}
    ${"the same key twice"}                  | ${"row.yaml"}  | ${"version: 1"}               | ${"version: 1\nversion: 2"}                | ${3}         | ${/stands twice/}
    ${"an alias"}                            | ${"row.yaml"}  | ${"{ text: x }"}              | ${"*a"}                                    | ${undefined} | ${/alias/i}
    ${"an unknown column type"}              | ${"feed.yaml"} | ${"number: {}"}               | ${"number: { type: numbr }"}               | ${10}        | ${/tables\.row\.columns\.number\.type/}
    ${"a time zone that is none"}            | ${"feed.yaml"} | ${"format: csv"}              | ${"format: csv\ntime_zone: Beijing"}       | ${4}         | ${/time_zone/}
    ${"no word on whose rows they are"}      | ${"feed.yaml"} | ${"institution: org\n"}       | ${""}                                      | ${3}         | ${/which institution/}
    ${"a policy for no table"}               | ${"feed.yaml"} | ${"institution: org"}         | ${"institution: org\nmisses: { s: fail }"} | ${5}         | ${/no tables\/s\.csv/}
  `("$mistake is told with its place", async ({ file, from, to, line, reason }) => {
    const outcome = await compile(file === "row.yaml" ? { row: edit(template, from, to) } : { feed: edit(feedYaml, from, to) });
    if (outcome.kind !== "wrong") throw new Error("the mistake was not seen");
    const told = outcome.problems.find((problem) => reason.test(problem.reason));
    expect(told ?? outcome.problems).toMatchObject({ reason: expect.stringMatching(reason) });
    if (line !== undefined) expect(outcome.problems.map((problem) => problem.line)).toContain(line);
  });

  it.each<{ mistake: string; table: string; line: number; reason: RegExp }>`
    mistake                          | table                                                          | line | reason
    ${"one code with two meanings"}  | ${"source_code,target_code\n1,final\n1,preliminary\n"}         | ${3} | ${/already mean/}
    ${"a factor that is no decimal"} | ${"source_code,target_code,target_ucum,factor\n1,a,g/L,1e3\n"} | ${2} | ${/plain decimal/}
    ${"a factor without a unit"}     | ${"source_code,target_code,factor\n1,a,88.4\n"}                | ${2} | ${/needs target_ucum/}
    ${"a line without a target"}     | ${"source_code,target_code\n1,\n"}                             | ${2} | ${/no target/}
    ${"a column nobody knows"}       | ${"source_code,target_code,colour\n1,final,red\n"}             | ${1} | ${/unknown column colour/}
    ${"a row that is too short"}     | ${"source_code,target_code\n1\n"}                              | ${2} | ${/has 1 fields and the header 2/}
  `("in a code table, $mistake is told with its line", async ({ table, line, reason }) => {
    const outcome = await compile({ "small/tables/wrong.csv": table });
    expect(outcome).toMatchObject({
      kind: "wrong",
      problems: [{ file: "tables/wrong.csv", line, reason: expect.stringMatching(reason) }],
    });
  });

  it("tells every mistake at once", async () => {
    const outcome = await compile({
      row: edit(edit(template, "{{ result }}", "{{ reslut }}"), "status: final", "status: finished"),
    });
    expect(outcome.kind === "wrong" && outcome.problems).toHaveLength(2);
  });
});

describe("an expression", () => {
  const header = "org,number,result,taken,day,state";
  const given = async (expression: string, row = "0001,7,11.30,2026-11-18 08:12:00,20261118,1") => {
    const folder = await mappingFolder("small", {
      "small/feed.yaml": feedYaml,
      "small/row.yaml": edit(template, "{{ result }}", `{{ ${expression} }}`),
      ...tables,
    });
    const { sheets, issues } = await mapFiles(await feedIn(folder), [fileOf("rows_1.csv", `${header}\n${row}\n`)]);
    return issues[0]?.code ?? (sheets[0]?.members[0]?.resource as { valueString?: string } | undefined)?.valueString;
  };

  it.each<{ expression: string; value: string | undefined }>`
    expression                                            | value
    ${"result"}                                           | ${"11.30"}
    ${"result & 'x' & state"}                             | ${"11.30x1"}
    ${"iif(state = '1', 'yes', 'no')"}                    | ${"yes"}
    ${"iif(state != '1' or result.empty(), 'a', 'b')"}    | ${"b"}
    ${"iif(state = '1' and result.exists(), 'a')"}        | ${"a"}
    ${"iif(state.empty().not(), 'a', 'b')"}               | ${"a"}
    ${"state.code('state')"}                              | ${"final"}
    ${"result.code('state')"}                             | ${undefined}
    ${"'a'.code('shared')"}                               | ${"b"}
    ${"taken.yearOf()"}                                   | ${"2026"}
    ${"result.startsWith('11')"}                          | ${"true"}
    ${"result.replace('.', ',')"}                         | ${"11,30"}
    ${"result.substring(0, 2)"}                           | ${"11"}
    ${"result.without('11')"}                             | ${".30"}
    ${"org.institution()"}                                | ${"a-provincial"}
    ${"result.number('2').value"}                         | ${"22.60"}
    ${"result.base64()"}                                  | ${"MTEuMzA="}
    ${"result.matches('^[0-9.]+$')"}                      | ${"true"}
    ${"result.toInteger() + 1"}                           | ${undefined}
    ${"'a' + 1"}                                          | ${"bad-value"}
    ${"'it\\\\'s'"}                                       | ${"it's"}
    ${"result.upper()"}                                   | ${"11.30"}
    ${"(result | state).first()"}                         | ${"11.30"}
    ${"iif(result.length() > 3, state.code('state'))"}    | ${"final"}
    ${"result.number('2').value.substring(0, 1).upper()"} | ${"2"}
    ${"result | state"}                                   | ${"bad-value"}
    ${"result.number()"}                                  | ${"bad-value"}
    ${"constructor.name"}                                 | ${"not declared"}
  `("$expression gives $value", async ({ expression, value }) => {
    if (value === "not declared") await expect(given(expression)).rejects.toThrow(/names the column constructor/);
    else expect(await given(expression)).toBe(value);
  });

  it.each<{ expression: string; value: string | undefined }>`
    expression                         | value
    ${"result"}                        | ${undefined}
    ${"iif(state = '1', 'yes', 'no')"} | ${"no"}
    ${"state.code('state')"}           | ${undefined}
    ${"result.orElse(number)"}         | ${"7"}
    ${"result.upper()"}                | ${undefined}
    ${"result & ''"}                   | ${undefined}
  `("$expression of absent cells gives $value", async ({ expression, value }) => {
    expect(await given(expression, "0001,7,,,,")).toBe(value);
  });
});
