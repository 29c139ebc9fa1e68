import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { check } from "../../../scripts/mapping/check.ts";
import { coverage } from "../../../scripts/mapping/coverage.ts";
import { diff } from "../../../scripts/mapping/diff.ts";
import { testCases } from "../../../scripts/mapping/test-cases.ts";
import { folderOf, run } from "./tools.ts";

const county = "test/mapping/county-a";
const example = `${county}/cases/six-rows/export`;

/** The county's mapping with its template changed. */
function changed(change: (template: string) => string): string {
  const folder = join(folderOf([]), "county-a");
  cpSync(county, folder, { recursive: true });
  const file = join(folder, "report.yaml");
  writeFileSync(file, change(readFileSync(file, "utf8")));
  return folder;
}

describe("check", () => {
  it("tells a mistake with file and line, and ends with 1", async () => {
    const folder = changed((text) => text.replace('"{{ BGDLB }}"', '"{{ BGDLX }}"'));
    const { code, text } = await run(check, [], { mappings: folder });
    expect(code).toBe(1);
    expect(text).toMatch(/report\.yaml:\d+: .*BGDLX/);
  });

  it("of a good mapping ends with 0", async () => {
    expect(await run(check, [], { mappings: county })).toMatchObject({ code: 0 });
  });
});

describe("test", () => {
  it("of the example passes", async () => {
    expect(await run(testCases, [], { mappings: county })).toMatchObject({
      code: 0,
      text: expect.stringContaining("ok   county-a: six-rows"),
    });
  });

  it("tells a resource that the platform would refuse, and ends with 1", async () => {
    const folder = changed((text) => text.replace(/^ {4}performer: .*institution\(\).*\n(?= {4}valueQuantity)/m, ""));
    const { code, text } = await run(testCases, [], { mappings: folder, update: true });
    expect(code).toBe(1);
    expect(text).toContain("BAD  county-a: six-rows");
    expect(text).toContain("invalid-resource LIS_RESULT_20261118.csv:2 Observation.performer: Missing required property");
  });

  it("shows the lines that come out differently", async () => {
    const folder = changed((text) => text.replace("code: LAB }", "code: CH }"));
    const { code, text } = await run(testCases, [], { mappings: folder });
    expect(code).toBe(1);
    expect(text).toMatch(/- +"code": "LAB"/);
    expect(text).toMatch(/\+ +"code": "CH"/);
  });
});

describe("diff", () => {
  it("tells what another version changes, by element, with an example", async () => {
    const folder = changed((text) =>
      text.replace('note: { text: "{{ `检验备注` }}" }', 'method: { text: "{{ `检验备注` }}" }'),
    );
    const { text } = await run(diff, [county, folder, example], { json: true });
    expect(JSON.parse(text)).toMatchObject({
      resources: { DiagnosticReport: { same: 1, changed: 0 }, Observation: { same: 3, changed: 2, added: 0, lost: 0 } },
      elements: {
        "Observation.note": { added: 0, changed: 0, lost: 2 },
        "Observation.method": { added: 2, changed: 0, lost: 0 },
      },
    });
    expect((await run(diff, [county, folder, example])).text).toContain("LIS_RESULT_20261118.csv:4");
  });

  it("of a mapping with itself finds nothing", async () => {
    expect((await run(diff, [county, county, example])).text).toContain("no element differs");
  });
});

describe("coverage", () => {
  it("names the column nobody declared, the code no table has, and the row without its report", async () => {
    const { text } = await run(coverage, [example], { mappings: county });
    expect(text).toContain("in the file, not declared: 主任签名");
    expect(text).toContain("lab-item: HBsAg");
    expect(text).toContain("orphan");
  });

  it("finds nothing in the example that the platform would refuse", async () => {
    const { text } = await run(coverage, [example], { mappings: county, json: true });
    expect(JSON.parse(text).requiredByProfile).toEqual({});
    expect(text).not.toContain("invalid-resource");
  });

  it("names, by profile, what is required and filled nowhere, and the rows refused with their head", async () => {
    const folder = changed((text) => text.replace(/^ {4}(identifier|performer): .*\n/gm, ""));
    const { text } = await run(coverage, [example], { mappings: folder, json: true });
    const { requiredByProfile, issues } = JSON.parse(text);
    expect(requiredByProfile).toEqual({
      "lab-report": ["DiagnosticReport.identifier", "DiagnosticReport.performer"],
      "lab-observation": ["Observation.performer"],
    });
    expect(issues).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: "invalid-resource", count: 1, first: "LIS_REPORT_20261118.csv:2" }),
        expect.objectContaining({ code: "sheet-failed", count: 5, first: "LIS_RESULT_20261118.csv:2" }),
      ]),
    );
  });
});

describe("docs/mapping.md", () => {
  it.each(["feed.yaml", "report.yaml", "tables/lab-item.csv"])("shows the example's %s as it is", (file) => {
    expect(readFileSync("docs/mapping.md", "utf8")).toContain(readFileSync(join(county, file), "utf8").trimEnd());
  });
});
