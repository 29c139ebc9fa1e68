import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Catalogue, catalogueOn } from "../../src/recognition/catalogue.ts";
import { currentPolicy } from "../../src/recognition/current-policy.ts";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import { rules } from "../../src/recognition/rules/all.ts";
import { versionOn } from "../../src/recognition/versions.ts";
import { copyPolicies } from "./copied-policies.ts";
import { linhuCatalogue, linhuPolicy } from "./laboratory.ts";

let root: string;
let policies: Awaited<ReturnType<typeof copyPolicies>>;
beforeEach(async () => {
  policies = await copyPolicies();
  root = policies.root;
});
afterEach(() => policies.remove());

const change = (file: string, from: string, to: string) => policies.change(file, from, to);
const problems = () => policies.problems();
const lineOf = async (file: string, text: string) =>
  (await readFile(path.join(root, file), "utf8")).split("\n").findIndex((line) => line.includes(text)) + 1;

describe("the shipped policy of 临湖省", () => {
  it("holds 35 laboratory items that may be recognised and 9 examinations", async () => {
    const catalogue = await linhuCatalogue(new Date("2026-11-22T02:00:00Z"));
    const excluded = new Set(catalogue.notRecognisable.map((one) => one.item));
    const items = [...catalogue.items.values()].filter((item) => !excluded.has(item.id));
    expect(items.filter((item) => item.kind === "lab")).toHaveLength(35);
    expect(items.filter((item) => item.kind === "imaging")).toHaveLength(9);
  });
  it("asks every rule there is", async () => {
    const catalogue = await linhuCatalogue(new Date("2026-11-22T02:00:00Z"));
    expect(catalogue.rules.map((rule) => rule.id).sort()).toEqual([...rules.keys()].sort());
  });
  it("says of every entry where it comes from and from when it holds", async () => {
    const { entries } = await linhuPolicy();
    const stated = Object.values(entries).flat();
    expect(stated.length).toBeGreaterThan(200);
    expect(stated.filter(({ source, clause, effective }) => !source || !clause || !effective.from)).toEqual([]);
  });
  it("gives the six reasons of the law, of which only the last asks for words", async () => {
    const { entries } = await linhuPolicy();
    const counted = entries.declineReasons.filter((reason) => reason.counts);
    expect(counted.map((reason) => [reason.code, reason.needsText])).toEqual([
      ["condition-changed", false],
      ["rapidly-changing", false],
      ["critical-decision", false],
      ["emergency", false],
      ["forensic-assessment", false],
      ["other-necessary", true],
    ]);
  });
});

describe("an institution's own codes", () => {
  it("mean items and panels, and only those that stand alone on results are searched by", async () => {
    const catalogue = await linhuCatalogue(new Date("2026-11-22T02:00:00Z"));
    const coding = (system: string, code: string) => [{ system: `urn:hutong:${system}`, code }];
    expect(catalogue.itemOf(coding("a-provincial:item", "K"))?.id).toBe("potassium");
    expect(catalogue.itemOf(coding("b-snake:item", "J1001"))?.id).toBe("potassium");
    expect(catalogue.panelOf(coding("b-snake:panel", "XZ"))?.id).toBe("lipid-panel");
    expect(catalogue.itemOf(coding("b-snake:panel", "XZ"))).toBeUndefined();
    const potassium = catalogue.items.get("potassium");
    if (potassium === undefined) throw new Error("the catalogue has potassium");
    expect(catalogue.codesOf(potassium)).toEqual([
      "http://loinc.org|2823-3",
      "urn:hutong:recognition-item|potassium",
      "urn:hutong:c-lis:item|L001",
    ]);
    expect(catalogue.orderCodesOf(potassium)).toContain("urn:hutong:a-provincial:item|K");
  });
});

describe("a wrong policy is refused with file, line and reason", () => {
  it.each`
    said                                        | file                           | from                                                                                                                 | to                                                                                                                      | line                     | reason
    ${"a LOINC code with a wrong check digit"}  | ${"linhu/items-lab.yaml"}      | ${"loinc: 14682-9"}                                                                                                  | ${"loinc: 14682-8"}                                                                                                     | ${"id: creatinine"}      | ${"loinc: is no LOINC code"}
    ${"an item without a window"}               | ${"linhu/2026.1/windows.yaml"} | ${"creatinine, "}                                                                                                    | ${""}                                                                                                                   | ${undefined}             | ${'item "creatinine" has no window on 2025-01-01'}
    ${"overlapping windows"}                    | ${"linhu/2026.1/windows.yaml"} | ${"items: [hba1c]"}                                                                                                  | ${"items: [hba1c, potassium]"}                                                                                          | ${"id: hba1c"}           | ${'windows overlap: item "potassium" has one already at linhu/2026.1/windows.yaml:9'}
    ${"a window for an item nobody knows"}      | ${"linhu/2026.1/windows.yaml"} | ${"items: [hba1c]"}                                                                                                  | ${"items: [hba1c, moonstone]"}                                                                                          | ${"id: hba1c"}           | ${'there is no item "moonstone"'}
    ${"a window longer than the horizon"}       | ${"linhu/2026.1/windows.yaml"} | ${"days: 90"}                                                                                                        | ${"days: 365"}                                                                                                          | ${"magnetic"}            | ${"the window of 365 days is longer than the horizon of 180"}
    ${"an entry without a source"}              | ${"linhu/rules.yaml"}          | ${"  source: 医疗机构检查检验结果互认管理办法（国卫医发〔2022〕6号）\n"}                                             | ${""}                                                                                                                   | ${"id: same-item"}       | ${"source: "}
    ${"a required rule left out"}               | ${"linhu/rules.yaml"}          | ${"  - { id: same-person,"}                                                                                          | ${"  # - { id: same-person,"}                                                                                           | ${undefined}             | ${'the rule "same-person" is left out'}
    ${"a rule that is not in the code"}         | ${"linhu/rules.yaml"}          | ${"{ id: no-emergency"}                                                                                              | ${"{ id: no-weekend"}                                                                                                   | ${"no-weekend"}          | ${'there is no rule "no-weekend"'}
    ${"a unit nobody lists"}                    | ${"linhu/items-lab.yaml"}      | ${"unit: ng/mL"}                                                                                                     | ${"unit: furlong"}                                                                                                      | ${"id: pct"}             | ${'there is no unit "furlong"'}
    ${"one code for two items"}                 | ${"linhu/items-lab.yaml"}      | ${"loinc: 2951-2"}                                                                                                   | ${"loinc: 2823-3"}                                                                                                      | ${"id: sodium"}          | ${'"2823-3" stands already at linhu/items-lab.yaml:10'}
    ${"a scope inside itself"}                  | ${"linhu/region.yaml"}         | ${"within: [cn], clause"}                                                                                            | ${"within: [weitang], clause"}                                                                                          | ${"id: linhu,"}          | ${'scope "linhu" lies in itself'}
    ${"one name for two regions"}               | ${"linhu/region.yaml"}         | ${"names: [临湖市]"}                                                                                                 | ${"names: [临湖市, 鄂]"}                                                                                                | ${undefined}             | ${'scopes: "鄂" stands already at'}
    ${"dates that end before they begin"}       | ${"linhu/region.yaml"}         | ${"clause: 二、医联体内互认"}                                                                                        | ${'clause: 二, effective: { from: "2026-01-01", to: "2025-01-01" }'}                                                    | ${"id: alliance"}        | ${"effective.to: ends before it begins"}
    ${"a section nobody knows"}                 | ${"linhu/rules.yaml"}          | ${"rules:"}                                                                                                          | ${"ruls:"}                                                                                                              | ${"ruls:"}               | ${'there is no section "ruls"'}
    ${"a property nobody knows"}                | ${"linhu/2026.1/windows.yaml"} | ${"days: 60, anchor"}                                                                                                | ${"days: 60, hours: 3, anchor"}                                                                                         | ${"id: hba1c"}           | ${"hours"}
    ${"a cause without a sentence"}             | ${"national/causes.yaml"}      | ${"  - { code: out-of-window"}                                                                                       | ${"  # - { code: out-of-window"}                                                                                        | ${undefined}             | ${'there is no sentence for the cause "out-of-window"'}
    ${"a method-bound item without methods"}    | ${"linhu/items-lab.yaml"}      | ${"loinc: 2823-3, property: substance-concentration, specimens: [serum, plasma], unit: mmol/L, comparability: unit"} | ${"loinc: 2823-3, property: substance-concentration, specimens: [serum, plasma], unit: mmol/L, comparability: method"}  | ${"id: potassium"}       | ${"bound to its method but names none"}
    ${"a panel with a member nobody knows"}     | ${"linhu/panels.yaml"}         | ${"members: [creatinine, urea, urate]"}                                                                              | ${"members: [creatinine, urea, moonstone]"}                                                                             | ${"id: kidney-function"} | ${'there is no item "moonstone"'}
    ${"a panel whose core is no member"}        | ${"linhu/panels.yaml"}         | ${"core: [creatinine, urea]"}                                                                                        | ${"core: [creatinine, alt]"}                                                                                            | ${"id: kidney-function"} | ${'"alt" is in its core but no member'}
    ${"a panel that names a member twice"}      | ${"linhu/panels.yaml"}         | ${"members: [creatinine, urea, urate]"}                                                                              | ${"members: [creatinine, urea, urea]"}                                                                                  | ${"id: kidney-function"} | ${'names its member "urea" twice'}
    ${"a panel of items and examinations"}      | ${"linhu/panels.yaml"}         | ${"members: [creatinine, urea, urate]"}                                                                              | ${"members: [creatinine, urea, chest-ct]"}                                                                              | ${"id: kidney-function"} | ${"mixes laboratory items and examinations"}
    ${"a panel under the id of an item"}        | ${"linhu/panels.yaml"}         | ${"id: kidney-function"}                                                                                             | ${"id: creatinine"}                                                                                                     | ${"id: creatinine"}      | ${'items and panels: "creatinine" stands already at linhu/items-lab.yaml'}
    ${"a panel under the code of an item"}      | ${"linhu/panels.yaml"}         | ${"loinc: 57698-3"}                                                                                                  | ${"loinc: 2823-3"}                                                                                                      | ${"id: lipid-panel"}     | ${'items and panels: "2823-3" stands already'}
    ${"a condition that is no FHIRPath"}        | ${"linhu/conditions.yaml"}     | ${"numberOfInstances > 0"}                                                                                           | ${"numberOfInstances >"}                                                                                                | ${"id: images-counted"}  | ${"is not FHIRPath: mismatched input"}
    ${"a condition on a misspelt element"}      | ${"linhu/conditions.yaml"}     | ${"numberOfInstances > 0"}                                                                                           | ${"numberOfInstanses > 0"}                                                                                              | ${"id: images-counted"}  | ${"asks ImagingStudy or DiagnosticReport for numberOfInstanses, which it does not have"}
    ${"a condition on an item nobody knows"}    | ${"linhu/conditions.yaml"}     | ${"items: [potassium, ldh"}                                                                                          | ${"items: [moonstone, ldh"}                                                                                             | ${"id: not-haemolysed"}  | ${'there is no item "moonstone"'}
    ${"a condition on items of another kind"}   | ${"linhu/conditions.yaml"}     | ${"items: [potassium, ldh"}                                                                                          | ${"items: [chest-ct, ldh"}                                                                                              | ${"id: not-haemolysed"}  | ${'is not about the kind of item "chest-ct"'}
    ${"two prices for one item and level"}      | ${"linhu/2026.1/prices.yaml"}  | ${"items: [glucose], ji: [3]"}                                                                                       | ${"items: [glucose, alt], ji: [3]"}                                                                                     | ${"id: glucose-3"}       | ${'prices overlap: item "alt" has one already at linhu/2026.1/prices.yaml'}
    ${"a price of nothing anybody knows"}       | ${"linhu/2026.1/prices.yaml"}  | ${"items: [glucose], ji: [3]"}                                                                                       | ${"items: [moonstone], ji: [3]"}                                                                                        | ${"id: glucose-3"}       | ${'there is no item "moonstone"'}
    ${"a price below nothing"}                  | ${"linhu/2026.1/prices.yaml"}  | ${"ji: [3], fen: 400"}                                                                                               | ${"ji: [3], fen: -400"}                                                                                                 | ${"id: electrolytes-3"}  | ${"fen: "}
    ${"an order code of both item and panel"}   | ${"linhu/local-codes-c.yaml"}  | ${"panel: liver-function"}                                                                                           | ${"panel: liver-function, item: alt"}                                                                                   | ${"code: Z001"}          | ${"must name either an item or a panel"}
    ${"an order code of no panel"}              | ${"linhu/local-codes-c.yaml"}  | ${"panel: liver-function"}                                                                                           | ${"panel: liver-funktion"}                                                                                              | ${"code: Z001"}          | ${'there is no panel "liver-funktion"'}
    ${"a window from a time nobody measures"}   | ${"linhu/2026.1/windows.yaml"} | ${"items: [hba1c], days: 60, anchor: collected"}                                                                     | ${"items: [hba1c], days: 60, anchor: performed"}                                                                        | ${"id: hba1c"}           | ${'item "hba1c" has no time "performed"'}
    ${"an item twice in one window"}            | ${"linhu/2026.1/windows.yaml"} | ${"items: [hba1c]"}                                                                                                  | ${"items: [hba1c, hba1c]"}                                                                                              | ${"id: hba1c"}           | ${'item "hba1c" stands twice in one entry'}
    ${"one of the six reasons left out"}        | ${"linhu/2026.1/policy.yaml"}  | ${"    - emergency\n"}                                                                                               | ${""}                                                                                                                   | ${undefined}             | ${'reasonsInUse: the reason "emergency" is left out'}
    ${"a reason that does not exist"}           | ${"linhu/2026.1/policy.yaml"}  | ${"- continuous-monitoring"}                                                                                         | ${"- because"}                                                                                                          | ${undefined}             | ${'reasonsInUse: there is no reason "because"'}
    ${"an offset that no clock has"}            | ${"linhu/2026.1/policy.yaml"}  | ${'utcOffset: "+08:00"'}                                                                                             | ${'utcOffset: "+38:00"'}                                                                                                | ${"utcOffset"}           | ${"utcOffset: must be an offset from UTC"}
    ${"a head in a file all versions share"}    | ${"linhu/region.yaml"}         | ${"bases:"}                                                                                                          | ${"policy: {}\nbases:"}                                                                                                 | ${"policy: {}"}          | ${"does not belong into a file that several versions share"}
    ${"a rule that ends with no other"}         | ${"linhu/rules.yaml"}          | ${"{ id: no-emergency,"}                                                                                             | ${'{ id: no-emergency, effective: { from: "2022-03-01", to: "2026-06-30" },'}                                           | ${undefined}             | ${'the rule "no-emergency" is left out on 2026-07-01'}
    ${"bands without the basis they belong to"} | ${"linhu/region.yaml"}         | ${"all: [alliance],"}                                                                                                | ${'all: [alliance], bands: [["3"]],'}                                                                                   | ${"id: alliance"}        | ${"has bands but does not ask for institution-level"}
    ${"a section named like a method"}          | ${"linhu/rules.yaml"}          | ${"rules:"}                                                                                                          | ${"constructor:"}                                                                                                       | ${"constructor:"}        | ${'there is no section "constructor"'}
    ${"an alias of nothing"}                    | ${"linhu/panels.yaml"}         | ${"members: [creatinine, urea, urate]"}                                                                              | ${"members: *nowhere"}                                                                                                  | ${undefined}             | ${"linhu/panels.yaml:"}
    ${"a unit that is no UCUM"}                 | ${"national/terms.yaml"}       | ${"ucum: ug/L"}                                                                                                      | ${"ucum: μg/L"}                                                                                                         | ${"ucum: μg/L"}          | ${'"μg/L" is no UCUM code'}
    ${"an inverted factor"}                     | ${"linhu/items-lab.yaml"}      | ${'convertible: { "%": 0.01 }'}                                                                                      | ${'convertible: { "%": 100 }'}                                                                                          | ${"id: hct"}             | ${'item "hct" converts % to L/L by 100, which is 0.01'}
    ${"a factor between what does not convert"} | ${"linhu/items-lab.yaml"}      | ${"loinc: 2324-2, property: catalytic-concentration, specimens: [serum, plasma], unit: U/L"}                         | ${"loinc: 2324-2, property: catalytic-concentration, specimens: [serum, plasma], unit: U/L, convertible: { mg/dL: 2 }"} | ${"id: ggt"}             | ${'item "ggt" cannot be converted from mg/dL to U/L'}
    ${"a unit of something else"}               | ${"linhu/items-lab.yaml"}      | ${"loinc: 2885-2, property: mass-concentration"}                                                                     | ${"loinc: 2885-2, property: substance-concentration"}                                                                   | ${"id: total-protein"}   | ${"measures substance-concentration, which is not told in g/L"}
    ${"a unit of what is there or not"}         | ${"linhu/items-lab.yaml"}      | ${"loinc: 13955-0, property: presence, specimens: [serum, plasma]"}                                                  | ${"loinc: 13955-0, property: presence, specimens: [serum, plasma], unit: mmol/L"}                                       | ${"id: hcv-ab"}          | ${"tells presence, which has no unit, in mmol/L"}
    ${"a scope in full-width letters"}          | ${"linhu/region.yaml"}         | ${"names: [临湖市]"}                                                                                                 | ${"names: [ＬＨ]"}                                                                                                      | ${"id: linhu-shi"}       | ${"names.0: must be written as it is compared"}
    ${"a name with a blank at its end"}         | ${"linhu/panels.yaml"}         | ${"name: 肾功能"}                                                                                                    | ${'name: "肾功能 "'}                                                                                                    | ${"id: kidney-function"} | ${"name: must be one line of text"}
    ${"an order code of no code system"}        | ${"linhu/local-codes-c.yaml"}  | ${'system: "urn:hutong:c-lis:item", code: Z001'}                                                                     | ${'system: "lis", code: Z001'}                                                                                          | ${"code: Z001"}          | ${"system: must be the address of a code system"}
    ${"something that is no YAML"}              | ${"linhu/rules.yaml"}          | ${"rules:"}                                                                                                          | ${"rules: ]["}                                                                                                          | ${"rules: ]["}           | ${""}
  `("$said", async ({ file, from, to, line, reason }) => {
    await change(String(file), String(from), String(to));
    const told = await problems();
    expect(told).toContain(reason);
    if (line !== undefined) expect(told).toContain(`${file}:${await lineOf(String(file), line)}: `);
    expect(told).not.toBe("");
  });

  it("tells every problem at once", async () => {
    await change("linhu/2026.1/windows.yaml", "items: [hba1c]", "items: [moonstone]");
    await change("linhu/rules.yaml", "{ id: no-emergency", "{ id: no-weekend");
    expect((await problems()).split("\n").length).toBeGreaterThanOrEqual(4);
  });

  it("bytes that are no UTF-8", async () => {
    await writeFile(path.join(root, "linhu/panels.yaml"), new Uint8Array([0xc8, 0xdd, 0x3a]));
    expect(await problems()).toContain("linhu/panels.yaml:1: cannot be read, is too long or is not UTF-8");
  });

  it("aliases that grow into millions of entries", async () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [one, before] of ["ba", "cb", "dc", "ed", "fe", "gf"]) {
      bomb.push(`${one}: &${one} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]`);
    }
    await writeFile(path.join(root, "linhu/panels.yaml"), `defaults: { ${bomb.join(", ")} }\npanels: []\n`);
    expect(await problems()).toContain("holds an alias of nothing, or aliases without end");
  });

  it("an institution the registry does not hold", async () => {
    const loaded = await loadCatalogue(root, "linhu", (code) => code !== "quality-centre");
    expect(loaded.kind === "wrong" && describeProblems(loaded.problems)).toMatch(
      /linhu\/2026\.1\/policy\.yaml:\d+: there is no institution "quality-centre" in the registry/,
    );
  });

  it("a folder that does not exist", async () => {
    const loaded = await loadCatalogue(root, "nowhere");
    expect(loaded).toEqual({
      kind: "wrong",
      problems: [{ file: "nowhere", line: 1, reason: "there is no such folder of policies" }],
    });
  });
});

/** The catalogue of the changed policies on a day. */
async function catalogueOf(day: string): Promise<Catalogue> {
  const loaded = await loadCatalogue(root, "linhu");
  if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
  const policy = versionOn(loaded.versions, day);
  if (policy === undefined) throw new Error(`no version on ${day}`);
  return catalogueOn(policy, new Date(`${day}T12:00:00+08:00`));
}

describe("an entry with dates of its own", () => {
  it("holds on its days: 7 days until the end of June, 5 days after it", async () => {
    const old = "phosphate], days: 7, anchor: collected }";
    const both = `phosphate], days: 7, anchor: collected, effective: { from: "2025-01-01", to: "2026-06-30" } }
  - { id: electrolytes-july, items: [potassium, sodium, chloride, calcium, phosphate], days: 5, anchor: collected, effective: { from: "2026-07-01" } }`;
    await change("linhu/2026.1/windows.yaml", old, both);
    const daysOn = async (day: string) => (await catalogueOf(day)).windowOf("potassium", "outpatient")?.days;
    expect([await daysOn("2026-06-30"), await daysOn("2026-07-01")]).toEqual([7, 5]);
  });

  it("leaves no day without a window", async () => {
    const old = "phosphate], days: 7, anchor: collected }";
    await change(
      "linhu/2026.1/windows.yaml",
      old,
      old.replace(" }", ', effective: { from: "2025-01-01", to: "2026-06-30" } }'),
    );
    expect(await problems()).toContain('item "potassium" has no window on 2026-07-01');
  });

  it("a window for one setting goes before the one for all", async () => {
    const more = "windows:\n  - { id: inpatient-k, items: [potassium], days: 2, anchor: collected, settings: [inpatient] }\n";
    await change("linhu/2026.1/windows.yaml", "windows:\n", more);
    const { windowOf } = await catalogueOf("2026-11-22");
    expect([windowOf("potassium", "inpatient")?.days, windowOf("potassium", "outpatient")?.days]).toEqual([2, 7]);
  });

  it("a window for the institution's own results says nothing of others'", async () => {
    const { windowOf } = await catalogueOf("2026-11-22");
    expect([windowOf("chest-ct", "outpatient")?.days, windowOf("chest-ct", "outpatient", "own")?.days]).toEqual([30, 15]);
    expect(windowOf("potassium", "outpatient", "own")?.days).toBe(7);
  });
});

describe("the policy in force", () => {
  const now = () => new Date("2026-11-22T02:00:00Z");
  it("changes with its files, without a restart", async () => {
    const current = currentPolicy({ root, region: "linhu", now, refused: () => {} });
    expect((await current()).windowOf("hba1c", "outpatient")?.days).toBe(60);
    await change("linhu/2026.1/windows.yaml", "days: 60", "days: 45");
    expect((await current()).windowOf("hba1c", "outpatient")?.days).toBe(45);
  });
  it("stays when the change is wrong, and says so once", async () => {
    const told: string[] = [];
    const current = currentPolicy({ root, region: "linhu", now, refused: (wrong) => told.push(describeProblems(wrong)) });
    await current();
    await change("linhu/2026.1/windows.yaml", "items: [hba1c]", "items: [moonstone]");
    expect((await current()).windowOf("hba1c", "outpatient")?.days).toBe(60);
    await current();
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('there is no item "moonstone"');
  });
  it("must be right to begin with", async () => {
    await change("linhu/2026.1/windows.yaml", "items: [hba1c]", "items: [moonstone]");
    const current = currentPolicy({ root, region: "linhu", now, refused: () => {} });
    await expect(current()).rejects.toMatchObject({
      code: "configuration-wrong",
      message: expect.stringContaining("moonstone"),
    });
  });
});
