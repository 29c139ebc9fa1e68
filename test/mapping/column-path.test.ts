import { describe, expect, it } from "@jest/globals";
import { type FeedFormat, wrongColumnPath, wrongRows } from "../../src/mapping/column-path.ts";

const namespaces = { hl7: "urn:hl7-org:v3" };

describe("the path of a column", () => {
  it.each<{ format: FeedFormat; path: string }>`
    format     | path
    ${"json"}  | ${"name"}
    ${"json"}  | ${"name.part"}
    ${"json"}  | ${"^.^.name"}
    ${"json"}  | ${"$.batch"}
    ${"json"}  | ${"^.@row"}
    ${"hl7v2"} | ${"PID-3[5=PI].1"}
    ${"hl7v2"} | ${"@group"}
    ${"xml"}   | ${"code/@code"}
    ${"xml"}   | ${"@extension"}
    ${"xml"}   | ${"hl7:value/text()"}
    ${"xml"}   | ${"id[@root='2.16.156.10011.1.13']/@extension"}
    ${"xml"}   | ${"part[2]/hl7:code[@codeSystem='1'][@code=\"x:y\"]/@displayName"}
    ${"xml"}   | ${"entry[code/@code='DE04.30.019.00']/value"}
    ${"xml"}   | ${"^/^/title"}
    ${"xml"}   | ${"/hl7:ClinicalDocument/hl7:title"}
    ${"xml"}   | ${"*/姓名"}
    ${"xml"}   | ${"^/@row"}
    ${"csv"}   | ${"any heading, even [1]"}
  `("$path is one in $format", ({ format, path }) => {
    expect(wrongColumnPath(path, format, namespaces)).toBeUndefined();
  });

  it.each<{ format: FeedFormat; path: string; told: string }>`
    format     | path                     | told
    ${"json"}  | ${"name[0]"}             | ${"JSON paths look like"}
    ${"hl7v2"} | ${"PID.3"}               | ${"HL7 paths look like"}
    ${"xml"}   | ${"code/@code/value"}    | ${"XML paths look like"}
    ${"xml"}   | ${"code//value"}         | ${"XML paths look like"}
    ${"xml"}   | ${"id[@root=1.2]/@code"} | ${"XML paths look like"}
    ${"xml"}   | ${"count(entry)"}        | ${"XML paths look like"}
    ${"xml"}   | ${"v3:code/@code"}       | ${"uses the prefix v3, which namespaces does not declare"}
  `("$path is none in $format", ({ format, path, told }) => {
    expect(wrongColumnPath(path, format, namespaces)).toContain(told);
  });
});

describe("the rows of a table", () => {
  it.each<{ format: FeedFormat; rows: string; told: string | undefined }>`
    format     | rows                                        | told
    ${"json"}  | ${"LIST[*].INNER[*]"}                       | ${undefined}
    ${"json"}  | ${"LIST"}                                   | ${"ends in [*]"}
    ${"hl7v2"} | ${"OBR"}                                    | ${undefined}
    ${"hl7v2"} | ${"obr"}                                    | ${"segment that makes a row"}
    ${"xml"}   | ${"/hl7:Document/hl7:part[code/@code='1']"} | ${undefined}
    ${"xml"}   | ${"Document/part"}                          | ${"path from the root"}
    ${"xml"}   | ${"/Document/part/@id"}                     | ${"path from the root"}
    ${"xml"}   | ${"/v3:Document"}                           | ${"does not declare"}
    ${"csv"}   | ${""}                                       | ${undefined}
    ${"xlsx"}  | ${"A1"}                                     | ${"has no meaning in xlsx"}
  `("$rows in $format: $told", ({ format, rows, told }) => {
    const wrong = wrongRows(rows, format, namespaces);
    if (told === undefined) expect(wrong).toBeUndefined();
    else expect(wrong).toContain(told);
  });
});
