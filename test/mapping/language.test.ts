import { describe, expect, it } from "@jest/globals";
import type { Composition, DiagnosticReport, Observation } from "@medplum/fhirtypes";
import { compileFeed } from "../../src/mapping/compile-feed.ts";
import { feedIn, fileOf, mapFiles } from "./map-files.ts";
import { edit, mappingFolder } from "./mapping-folder.ts";

const feed = `feed: small
supplier: a-his
origin: lis
institution: org
tables:
  report:
    file: "report.csv"
    columns:
      { org: {}, no: {}, card: {}, file: {}, visit: {}, writer: {}, writer_name: {}, reviewer: {}, reviewed: {}, text: {}, old: {} }
  result: { file: "result.csv", columns: { org: {}, no: {}, id: {}, item: {}, value: {}, doer: {}, section: {} } }
  section: { file: "section.csv", columns: { org: {}, no: {}, section: {}, title: {} } }
`;
const template = `mapping: small/report
version: 3
for: report
with:
  results: { table: result, on: [org, no] }
  sections: { table: section, on: [org, no] }
ids:
  Patient: { first_of: [{ card: [org, card] }, { file: [org, file] }, { visit: [org, visit] }] }
  DiagnosticReport: [org, no]
  Observation: [org, id]
  Practitioner/writer: [org, writer]
  Practitioner/reviewer: [org, reviewer]
  Practitioner/doer: { each: results, key: [org, doer] }
`;
const emit = `emit:
  - resourceType: DiagnosticReport
    status: final
    code: { text: x }
    subject: { $ref: Patient }
    performer: { $if: writer.exists(), $ref: Practitioner/writer, display: "{{ writer_name }}" }
    resultsInterpreter: { $if: reviewer.exists(), $ref: Practitioner/reviewer }
    result: { $each: results, $ref: Observation }
  - $each: results
    resourceType: Observation
    status: final
    code: { text: "{{ item }}" }
    valueString: "{{ value }}"
    performer: { $if: doer.exists(), $ref: Practitioner/doer }
`;
const reports = (...rows: string[]) =>
  fileOf("report.csv", `org,no,card,file,visit,writer,writer_name,reviewer,reviewed,text,old\n${rows.join("\n")}\n`);
const results = (...rows: string[]) => fileOf("result.csv", `org,no,id,item,value,doer,section\n${rows.join("\n")}\n`);
const sections = (...rows: string[]) => fileOf("section.csv", `org,no,section,title\n${rows.join("\n")}\n`);
const report = "0001,R1,C1,F1,V1,w1,王,r1,2026-11-20,第一行\\n<b>,";

const folderOf = (text: string, feedText = feed) =>
  mappingFolder("small", { "small/feed.yaml": feedText, "small/report.yaml": text });
const problemsOf = async (text: string, feedText = feed) => {
  const outcome = await compileFeed(await folderOf(text, feedText));
  return outcome.kind === "wrong" ? outcome.problems.map(({ line, reason }) => `${line}: ${reason}`) : [];
};
const mapped = async (text: string, files = [reports(report), results("0001,R1,1,WBC,5,d1,s1"), sections("0001,R1,s1,血")]) =>
  mapFiles(await feedIn(await folderOf(text)), files);

describe("ids", () => {
  it("tell several resources of one type apart, and number them in one range", async () => {
    const { sheets } = await mapped(template + emit);
    expect(sheets[0]?.members[0]?.resource).toMatchObject({
      performer: [{ reference: "Practitioner/practitioner.0001.w1", display: "王" }],
      resultsInterpreter: [{ reference: "Practitioner/practitioner.0001.r1" }],
    });
    expect((sheets[0]?.members[1]?.resource as Observation | undefined)?.performer).toEqual([
      { reference: "Practitioner/practitioner.0001.d1" },
    ]);
  });

  it("make a resource once when two entries of emit are the same one", async () => {
    const practitioners = ["writer", "reviewer"].map(
      (role) =>
        `  - { resourceType: Practitioner, $id: Practitioner/${role}, $if: ${role}.exists(), identifier: { value: "{{ ${role} }}" } }\n`,
    );
    const { sheets } = await mapped(template + emit + practitioners.join(""), [
      reports(report.replace(",r1,", ",w1,")),
      results("0001,R1,1,WBC,5,,"),
      sections(),
    ]);
    expect(sheets[0]?.members.map(({ kind }) => kind)).toEqual(["lab-report", "practitioner", "lab-result"]);
  });

  it("take $institution for the place where no column names it", async () => {
    const text = edit(template + emit, "DiagnosticReport: [org, no]", "DiagnosticReport: [$institution, no]");
    const { sheets } = await mapped(text);
    expect(sheets[0]?.head).toBe("DiagnosticReport/lab-report.0001.R1");
  });

  it("name the weaker keys of a patient as aliases of the better one, but no visit", async () => {
    const { sheets } = await mapped(template + emit);
    expect(sheets[0]?.aliases).toEqual([
      { id: "patient.file.0001.F1", key: ["file", "0001", "F1"], into: "patient.card.0001.C1" },
    ]);
  });

  it.each<{ mistake: string; from: string; to: string; problem: string }>`
    mistake                                 | from                               | to                                                   | problem
    ${"a key of another make"}              | ${"{ card: [org, card] }"}         | ${"{ badge: [org, card] }"}                          | ${"8: a Patient's key is one of card, file, visit, not badge"}
    ${"a weak key before a better one"}     | ${"{ visit: [org, visit] }"}       | ${"{ file: [org, visit] }"}                          | ${"8: a Patient's keys stand from best to weakest: card, file, visit"}
    ${"an entry made of rows of no join"}   | ${"each: results"}                 | ${"each: result"}                                    | ${'13: ids.Practitioner/doer is made of rows of result, which is not in "with"'}
    ${"a row's resource named by the head"} | ${"$ref: Practitioner/reviewer"}   | ${"$ref: Practitioner/doer"}                         | ${"20: DiagnosticReport.resultsInterpreter refers to Practitioner/doer, which is made of rows of results: say it under $each: results"}
    ${"an entry misspelt"}                  | ${"$ref: Practitioner/reviewer"}   | ${"$ref: Practitioner/reviwer"}                      | ${"20: DiagnosticReport.resultsInterpreter refers to Practitioner/reviwer, which has no entry in ids; did you mean Practitioner/reviewer?"}
    ${"the same resource emitted twice"}    | ${"    resourceType: Observation"} | ${"    resourceType: DiagnosticReport"}              | ${"14: emit makes DiagnosticReport twice; a second one of its type is DiagnosticReport/NAME in ids, with $id: DiagnosticReport/NAME"}
    ${"an $id of another type"}             | ${"    resourceType: Observation"} | ${"    $id: Patient\n    resourceType: Observation"} | ${"22: $id Patient begins with the type: Observation/…"}
  `("refuse $mistake", async ({ from, to, problem }) => {
    expect(await problemsOf(edit(template + emit, from, to))).toContain(problem);
  });
});

describe("a row that waits for its sheet", () => {
  it("names the head that will come, when the join says its key", async () => {
    const { orphans } = await mapped(template + emit, [results("0001,R9,1,WBC,5,,")]);
    expect(orphans).toEqual([
      { tenant: "a-provincial", head: "DiagnosticReport/lab-report.0001.R9", table: "result", file: "result.csv", line: 2 },
    ]);
  });
});

describe("two entries of emit over the same rows", () => {
  const specimen = `  - $each: results
    resourceType: Specimen
    $if: section.exists()
    receivedTime: "2026-11-20"
`;
  it("leave each other's rows alone", async () => {
    const { sheets, issues } = await mapped(edit(template, "ids:", "ids:\n  Specimen: [org, section]") + emit + specimen, [
      reports(report),
      results("0001,R1,1,WBC,5,d1,", "0001,R1,2,RBC,4,d1,s2"),
      sections("0001,R1,s1,血"),
    ]);
    const [head] = sheets[0]?.members ?? [];
    expect((head?.resource as DiagnosticReport | undefined)?.result).toHaveLength(2);
    expect(sheets[0]?.members.map(({ kind }) => kind)).toEqual(["lab-report", "lab-result", "lab-result", "specimen"]);
    expect(issues).toEqual([]);
  });
});

describe("a document", () => {
  const composition = `emit:
  - resourceType: Composition
    status: final
    type: { text: 出院记录 }
    date: "2026-11-20"
    title: 出院记录
    author: { $if: writer.exists(), $ref: Practitioner/writer }
    subject: { $ref: Patient }
    text: { status: generated, div: "{{ text.replace('\\\\\\\\n', '\\\\n') }}" }
    section:
      - { title: 主诉, text: { status: generated, div: "{{ text }}" } }
      - $each: sections
        $let: { name: title & '！' }
        title: "{{ %name }}"
        section: { $each: results, $on: [section], title: "{{ %sections.title & ' ' & item }}", code: { text: "{{ value }}" } }
  - resourceType: DocumentReference
    status: current
    description: { $each: results, $join: "; ", $value: "{{ item & ' ' & value }}" }
    content: { attachment: { contentType: text/plain, data: "{{ text.base64() }}" } }
`;
  const text =
    edit(template, "  Observation: [org, id]", "  Composition: [org, no]\n  DocumentReference: [org, no]") + composition;
  const files = [
    reports(report),
    results("0001,R1,1,WBC,5,d1,s1", "0001,R1,2,RBC,4,d1,s2", "0001,R1,3,PLT,3,d1,s1"),
    sections("0001,R1,s1,血", "0001,R1,s2,尿"),
  ];

  it("nests rows in rows, with the names of the rows around", async () => {
    const { sheets, issues } = await mapped(text, files);
    expect(issues).toEqual([]);
    const [document] = sheets[0]?.members.map(({ resource }) => resource as Composition) ?? [];
    expect(document?.section?.map(({ title, section }) => [title, ...(section ?? []).map((one) => one.title)])).toEqual([
      ["主诉"],
      ["血！", "血 WBC", "血 PLT"],
      ["尿！", "尿 RBC"],
    ]);
  });

  it("lets nothing but escaped text into a narrative", async () => {
    const { sheets } = await mapped(text, files);
    const [document] = sheets[0]?.members.map(({ resource }) => resource as Composition) ?? [];
    expect(document?.text?.div).toBe('<div xmlns="http://www.w3.org/1999/xhtml"><p>第一行</p><p>&lt;b&gt;</p></div>');
  });

  it("joins rows to one text, and carries a text as bytes", async () => {
    const { sheets } = await mapped(text, files);
    expect(sheets[0]?.members[1]?.resource).toMatchObject({
      description: "WBC 5; RBC 4; PLT 3",
      content: [{ attachment: { data: Buffer.from("第一行\\n<b>").toString("base64") } }],
    });
  });

  it.each<{ mistake: string; from: string; to: string; problem: string }>`
    mistake                                  | from                          | to                   | problem
    ${"$each where one value may stand"}     | ${'$join: "; ", '}            | ${""}                | ${"32: DocumentReference.description may stand only once, so $each fills it only with $join (the text between the rows)"}
    ${"$on of a column that is not there"}   | ${"$on: [section]"}           | ${"$on: [sction]"}   | ${"29: Composition.section.section $on names sction, which one of the two tables does not have"}
    ${"a column of the row around misspelt"} | ${"%sections.title"}          | ${"%sections.titel"} | ${"29: Composition.section.section.title names the column %sections.titel, which the feed does not declare; did you mean title?"}
    ${"$join without rows"}                  | ${"{ $each: results, $join:"} | ${"{ $join:"}        | ${"32: DocumentReference.description has $join, which means something only beside $each"}
    ${"a $let that nothing uses"}            | ${'"{{ %name }}"'}            | ${'"{{ title }}"'}   | ${"27: $let name is used by nothing"}
  `("is refused with $mistake", async ({ from, to, problem }) => {
    expect(await problemsOf(edit(text, from, to))).toContain(problem);
  });
});

describe("what a review makes of a result", () => {
  const statusOf = async (origin: string, reviewed: string, row = report) => {
    const text = edit(template, "version: 3\n", `version: 3\n${reviewed}`) + emit;
    const compiled = await feedIn(await folderOf(text, edit(feed, "origin: lis", `origin: ${origin}`)));
    const { sheets } = await mapFiles(compiled, [reports(row), results("0001,R1,1,WBC,5,d1,s1"), sections("0001,R1,s1,血")]);
    return sheets[0]?.members.map(({ resource }) => (resource as Observation).status).join(" ");
  };
  const unreviewed = report.replace(",r1,", ",,");
  it.each<{ said: string; origin: string; reviewed: string; row: string; status: string }>`
    said                                                           | origin        | reviewed                    | row           | status
    ${"a laboratory's result is what its row says"}                | ${"lis"}      | ${""}                       | ${unreviewed} | ${"final final"}
    ${"a laboratory's result with a reviewer is final"}            | ${"lis"}      | ${"reviewed: reviewer\n"}   | ${report}     | ${"final final"}
    ${"a laboratory's result without its reviewer is preliminary"} | ${"lis"}      | ${"reviewed: reviewer\n"}   | ${unreviewed} | ${"preliminary preliminary"}
    ${"an instrument's result is preliminary"}                     | ${"analyser"} | ${""}                       | ${report}     | ${"preliminary preliminary"}
    ${"an instrument's result that somebody reviewed is final"}    | ${"poct"}     | ${"reviewed: reviewer\n"}   | ${report}     | ${"final final"}
    ${"a condition may say it too"}                                | ${"ris"}      | ${"reviewed: no != 'R1'\n"} | ${report}     | ${"preliminary preliminary"}
  `("$said", async ({ origin, reviewed, row, status }) => {
    expect(await statusOf(origin, reviewed, row)).toBe(status);
  });
});

describe("a person", () => {
  const patient = `mapping: small/report
version: 1
for: report
with: { results: { table: result, on: [org, no] }, sections: { table: section, on: [org, no] } }
ids: { Patient: { first_of: [{ card: [org, card] }, { file: [org, file] }] } }
person:
  identity: { type: "'resident-id'", number: no }
  others:
    - { type: "'passport'", number: visit }
    - { type: "'local-card'", number: old }
  name: writer_name
  address: text
  guardian: { name: writer, phone: reviewer }
  newborn: file = 'F1'
emit:
  - { resourceType: Patient, name: { text: "{{ writer_name }}" } }
`;
  it("has other documents, an address, a guardian and may be a newborn", async () => {
    const { sheets } = await mapped(patient);
    expect(sheets[0]?.person).toEqual({
      patientId: "patient.card.0001.C1",
      identity: { type: "resident-id", number: "R1" },
      otherIdentities: [{ type: "passport", number: "V1" }],
      name: "王",
      address: "第一行\\n<b>",
      guardian: { name: "w1", phone: "r1" },
      newborn: true,
    });
  });
});

describe("a person's newborn", () => {
  it("is true or false, never a text that only means it", async () => {
    const patient = `mapping: small/report
version: 1
for: report
with: { results: { table: result, on: [org, no] }, sections: { table: section, on: [org, no] } }
ids: { Patient: { key: { file: [org, file] } } }
person: { newborn: old }
emit:
  - { resourceType: Patient, name: { text: "{{ writer_name }}" } }
`;
    const { sheets, issues } = await mapped(patient, [reports(`${report}1`), results(), sections()]);
    expect(sheets[0]?.person).toEqual({ patientId: "patient.file.0001.F1" });
    expect(issues.map(({ code, line }) => [code, line])).toEqual([["bad-value", 2]]);
  });
});

describe("a merge", () => {
  const merge = `mapping: small/report
version: 1
for: report
with: { results: { table: result, on: [org, no] }, sections: { table: section, on: [org, no] } }
ids: { Patient: { first_of: [{ card: [org, card] }, { file: [org, file] }] } }
order: [reviewed]
merge: { from: { file: [org, old] }, when: old.exists() }
`;
  it("says which patient gives way to which, and when", async () => {
    const {
      merges,
      sheets,
      issues,
      report: counts,
    } = await mapped(merge, [reports(`${report}F0`, report), results(), sections()]);
    expect(merges).toEqual([
      {
        tenant: "a-provincial",
        from: { id: "patient.file.0001.F0", key: ["file", "0001", "F0"] },
        into: { id: "patient.card.0001.C1", key: ["card", "0001", "C1"] },
        order: "2026-11-20",
        digest: expect.any(String),
        mapping: "small/report@1",
        file: "report.csv",
        line: 2,
      },
    ]);
    expect(sheets).toEqual([]);
    expect(issues.map(({ code, line }) => [code, line])).toEqual([["left-out", 3]]);
    expect(counts.rows.report).toEqual({ read: 2, mapped: 1, skipped: 1 });
  });

  it("needs a template that emits something or merges", async () => {
    expect(await problemsOf(merge.replace(/merge:.*\n/, ""))).toEqual([
      "1: emit is empty: a template emits a resource or merges two patients",
    ]);
  });
});
