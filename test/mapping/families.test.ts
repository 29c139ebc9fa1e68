import { describe, expect, it } from "@jest/globals";
import { compileFeed } from "../../src/mapping/compile-feed.ts";
import { feedIn, fileOf, mapFiles } from "./map-files.ts";
import { edit, mappingFolder } from "./mapping-folder.ts";

const family = `family: vendor
format: csv
institution: org
absent: ["-"]
misses: { state: fail }
tables:
  result:
    file: "RESULT_*.csv"
    columns:
      org: { type: code }
      number: { header: 编号 }
      value: { header: 结果 }
      state: { header: 状态, type: code }
      printed: { unused: "time of printing" }
`;
const template = `mapping: vendor/result
version: 2
for: result
ids: { Observation: [org, number] }
emit:
  - resourceType: Observation
    status: "{{ state.code('state') }}"
    code: { text: 血糖 }
    valueString: "{{ value }}"
`;
const feed = `feed: east
extends: vendor
supplier: a-his
tables:
  result:
    columns:
      number: { header: [流水号, 编号] }
      remark: { header: 备注, optional: true, unused: "the hospital's own column" }
`;
const files = {
  "families/vendor/family.yaml": family,
  "families/vendor/result.yaml": template,
  "families/vendor/tables/state.csv": "source_code,target_code\n1,final\n",
  "east/feed.yaml": feed,
};
const folder = (changes: Record<string, string> = {}) => mappingFolder("east", { ...files, ...changes });
const rows = (...lines: string[]) => fileOf("RESULT_1.csv", `org,流水号,结果,状态,printed\n${lines.join("\n")}\n`);
const first = async (at: string, line = "0001,7,5.6,1,x") => (await mapFiles(await feedIn(at), [rows(line)])).sheets[0];

describe("a feed that extends a family", () => {
  it("maps with the family's template under its own name, headings and supplier", async () => {
    expect(await first(await folder())).toMatchObject({
      tenant: "a-provincial",
      mapping: "east/result@2",
      members: [{ resource: { status: "final", valueString: "5.6" } }],
    });
  });

  it("counts a nearer code table and a nearer template", async () => {
    const at = await folder({
      "east/tables/state.csv": "source_code,target_code\n1,preliminary\n",
      "east/result.yaml": edit(edit(template, "vendor/result", "east/result"), "血糖", "葡萄糖"),
    });
    expect((await first(at))?.members[0]?.resource).toMatchObject({ status: "preliminary", code: { text: "葡萄糖" } });
  });

  it("adds templates for its own tables", async () => {
    const own = "  visit:\n    file: VISIT.csv\n    columns: { org: {}, no: {} }\n";
    const visit = `mapping: east/visit
version: 1
for: visit
ids: { Encounter: [org, no] }
emit:
  - { resourceType: Encounter, status: finished, class: { code: AMB }, identifier: { value: "{{ no }}" } }
`;
    const compiled = await feedIn(await folder({ "east/feed.yaml": feed + own, "east/visit.yaml": visit }));
    expect(compiled.version).toBe("result@2 visit@1");
  });

  it("may replace what the family says of encoding, absent values and time zone", async () => {
    const compiled = await feedIn(
      await folder({ "east/feed.yaml": `${feed}encoding: gb18030\nabsent: [无]\ntime_zone: "+07:00"\n` }),
    );
    expect(compiled).toMatchObject({ encodings: ["gb18030"], timeZone: "+07:00", absent: new Set(["", "无"]) });
  });

  it("takes a family of a family", async () => {
    const at = await folder({
      "families/vendor/family.yaml": "extends: base\nmisses: { state: keep }\n",
      "families/base/family.yaml": edit(family, "family: vendor", "family: base"),
    });
    expect((await first(at))?.mapping).toBe("east/result@2");
  });
});

describe("a mistake in a feed that extends a family is told where it stands", () => {
  it.each<{ mistake: string; change: Record<string, string>; file: string; line: number; reason: string }>`
    mistake                                  | change                                                                                    | file                                | line  | reason
    ${"a family that is not there"}          | ${{ "east/feed.yaml": edit(feed, "extends: vendor", "extends: vendors") }}                | ${"feed.yaml"}                      | ${2}  | ${"extends the family vendors, and there is no ../families/vendors/family.yaml"}
    ${"a family that extends itself"}        | ${{ "families/vendor/family.yaml": edit(family, "format:", "extends: vendor\nformat:") }} | ${"../families/vendor/family.yaml"} | ${2}  | ${"extends vendor, which extends this family in turn: a family cannot be its own ancestor"}
    ${"a family's name that is another"}     | ${{ "families/vendor/family.yaml": edit(family, "family: vendor", "family: seller") }}    | ${"../families/vendor/family.yaml"} | ${1}  | ${"family is seller, and the folder is vendor"}
    ${"a feed's name in the family"}         | ${{ "families/vendor/family.yaml": `feed: east\n${family}` }}                             | ${"../families/vendor/family.yaml"} | ${1}  | ${"feed stands in the feed.yaml of each feed, not in a family"}
    ${"a column type in the family"}         | ${{ "families/vendor/family.yaml": edit(family, "type: code", "type: cod") }}             | ${"../families/vendor/family.yaml"} | ${10} | ${'tables.result.columns.org.type is "cod"; it may be text, code, integer, decimal, date, date8, local_time; did you mean code?'}
    ${"a setting in the feed"}               | ${{ "east/feed.yaml": edit(feed, "optional: true", "optionl: true") }}                    | ${"feed.yaml"}                      | ${8}  | ${"tables.result.columns.remark.optionl is not known here; did you mean optional?"}
    ${"a column the template does not know"} | ${{ "families/vendor/result.yaml": edit(template, "{{ value }}", "{{ valu }}") }}         | ${"../families/vendor/result.yaml"} | ${9}  | ${"Observation.valueString names the column valu, which the feed does not declare; did you mean value?"}
    ${"the family's name in a feed's own"}   | ${{ "east/result.yaml": template }}                                                       | ${"result.yaml"}                    | ${1}  | ${"mapping begins with vendor/, and this is east/"}
    ${"a wrong table of the feed"}           | ${{ "east/tables/state.csv": "source_code,target_code\n1,\n" }}                           | ${"tables/state.csv"}               | ${2}  | ${"the line has no target"}
    ${"a heading used twice"}                | ${{ "east/feed.yaml": edit(feed, "header: 备注", "header: 结果") }}                       | ${"feed.yaml"}                      | ${8}  | ${"remark and value both have the heading 结果"}
  `("$mistake", async ({ change, file, line, reason }) => {
    const outcome = await compileFeed(await folder(change));
    expect(outcome.kind === "wrong" ? outcome.problems : []).toContainEqual({ file, line, reason });
  });
});
