import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { catalogueOn } from "../../src/recognition/catalogue.ts";
import { currentPolicy } from "../../src/recognition/current-policy.ts";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import { rules } from "../../src/recognition/rules/all.ts";
import { linhuCatalogue, linhuPolicy, policiesFolder } from "./laboratory.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "policies-"));
  await cp(policiesFolder, root, { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const change = async (file: string, from: string, to: string) => {
  const text = await readFile(path.join(root, file), "utf8");
  expect(text).toContain(from);
  await writeFile(path.join(root, file), text.replace(from, to));
};
const problems = async () => {
  const loaded = await loadCatalogue(root, "linhu");
  return loaded.kind === "wrong" ? describeProblems(loaded.problems) : "";
};
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

describe("a wrong policy is refused with file, line and reason", () => {
  it.each`
    said                                       | file                      | from                                                                              | to                                                                                  | line                | reason
    ${"a LOINC code with a wrong check digit"} | ${"linhu/items-lab.yaml"} | ${"loinc: 14682-9"}                                                               | ${"loinc: 14682-8"}                                                                 | ${"id: creatinine"} | ${"loinc: is no LOINC code"}
    ${"an item without a window"}              | ${"linhu/windows.yaml"}   | ${"creatinine, "}                                                                 | ${""}                                                                               | ${undefined}        | ${'item "creatinine" has no window on 2025-01-01'}
    ${"overlapping windows"}                   | ${"linhu/windows.yaml"}   | ${"items: [hba1c]"}                                                               | ${"items: [hba1c, potassium]"}                                                      | ${"id: hba1c"}      | ${'windows overlap: item "potassium" has one already at linhu/windows.yaml:9'}
    ${"a window for an item nobody knows"}     | ${"linhu/windows.yaml"}   | ${"items: [hba1c]"}                                                               | ${"items: [hba1c, moonstone]"}                                                      | ${"id: hba1c"}      | ${'there is no item "moonstone"'}
    ${"a window longer than the horizon"}      | ${"linhu/windows.yaml"}   | ${"days: 90"}                                                                     | ${"days: 365"}                                                                      | ${"magnetic"}       | ${"the window of 365 days is longer than the horizon of 180"}
    ${"an entry without a source"}             | ${"linhu/rules.yaml"}     | ${"  source: 医疗机构检查检验结果互认管理办法（国卫医发〔2022〕6号）\n"}          | ${""}                                                                               | ${"id: same-item"}  | ${"source: "}
    ${"a required rule left out"}              | ${"linhu/rules.yaml"}     | ${"  - { id: same-person,"}                                                       | ${"  # - { id: same-person,"}                                                       | ${undefined}        | ${'the rule "same-person" is left out'}
    ${"a rule that is not in the code"}        | ${"linhu/rules.yaml"}     | ${"{ id: no-emergency"}                                                           | ${"{ id: no-weekend"}                                                               | ${"no-weekend"}     | ${'there is no rule "no-weekend"'}
    ${"a unit nobody lists"}                   | ${"linhu/items-lab.yaml"} | ${"unit: ng/mL"}                                                                  | ${"unit: furlong"}                                                                  | ${"id: pct"}        | ${'there is no unit "furlong"'}
    ${"one code for two items"}                | ${"linhu/items-lab.yaml"} | ${"loinc: 2951-2"}                                                                | ${"loinc: 2823-3"}                                                                  | ${"id: sodium"}     | ${'"2823-3" stands already at linhu/items-lab.yaml:10'}
    ${"a scope inside itself"}                 | ${"linhu/policy.yaml"}    | ${"within: [cn], clause"}                                                         | ${"within: [weitang], clause"}                                                      | ${"id: linhu,"}     | ${'scope "linhu" lies in itself'}
    ${"one name for two regions"}              | ${"linhu/policy.yaml"}    | ${"names: [临湖市]"}                                                              | ${"names: [临湖市, 鄂]"}                                                            | ${undefined}        | ${'scopes: "鄂" stands already at'}
    ${"dates that end before they begin"}      | ${"linhu/policy.yaml"}    | ${"clause: 二、医联体内互认"}                                                     | ${'clause: 二, effective: { from: "2026-01-01", to: "2025-01-01" }'}                | ${"id: alliance"}   | ${"effective.to: ends before it begins"}
    ${"a section nobody knows"}                | ${"linhu/rules.yaml"}     | ${"rules:"}                                                                       | ${"ruls:"}                                                                          | ${"ruls:"}          | ${'there is no section "ruls"'}
    ${"a property nobody knows"}               | ${"linhu/windows.yaml"}   | ${"days: 60, anchor"}                                                             | ${"days: 60, hours: 3, anchor"}                                                     | ${"id: hba1c"}      | ${"hours"}
    ${"a cause without a sentence"}            | ${"national/causes.yaml"} | ${"  - { code: out-of-window"}                                                    | ${"  # - { code: out-of-window"}                                                    | ${undefined}        | ${'there is no sentence for the cause "out-of-window"'}
    ${"a method-bound item without methods"}   | ${"linhu/items-lab.yaml"} | ${"loinc: 2823-3, specimens: [serum, plasma], unit: mmol/L, comparability: unit"} | ${"loinc: 2823-3, specimens: [serum, plasma], unit: mmol/L, comparability: method"} | ${"id: potassium"}  | ${"bound to its method but names none"}
    ${"something that is no YAML"}             | ${"linhu/rules.yaml"}     | ${"rules:"}                                                                       | ${"rules: ]["}                                                                      | ${"rules: ]["}      | ${""}
  `("$said", async ({ file, from, to, line, reason }) => {
    await change(String(file), String(from), String(to));
    const told = await problems();
    expect(told).toContain(reason);
    if (line !== undefined) expect(told).toContain(`${file}:${await lineOf(String(file), line)}: `);
    expect(told).not.toBe("");
  });

  it("tells every problem at once", async () => {
    await change("linhu/windows.yaml", "items: [hba1c]", "items: [moonstone]");
    await change("linhu/rules.yaml", "{ id: no-emergency", "{ id: no-weekend");
    expect((await problems()).split("\n").length).toBeGreaterThanOrEqual(4);
  });

  it("a folder that does not exist", async () => {
    const loaded = await loadCatalogue(root, "nowhere");
    expect(loaded).toEqual({
      kind: "wrong",
      problems: [{ file: "nowhere", line: 1, reason: "there is no such folder of policies" }],
    });
  });
});

describe("a policy in two versions", () => {
  it("uses the window of the day: 7 days until the end of 2026, 5 days after it", async () => {
    const old = "days: 7, anchor: collected }";
    const both = `days: 7, anchor: collected, effective: { from: "2025-01-01", to: "2026-12-31" } }
  - { id: electrolytes-2027, items: [potassium, sodium, chloride, calcium, phosphate], days: 5, anchor: collected, effective: { from: "2027-01-01" } }`;
    await change("linhu/windows.yaml", old, both);
    const loaded = await loadCatalogue(root, "linhu");
    if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
    const daysOn = (day: string) =>
      catalogueOn(loaded.policy, new Date(`${day}T12:00:00+08:00`)).windowOf("potassium", "outpatient")?.days;
    expect([daysOn("2026-12-31"), daysOn("2027-01-01")]).toEqual([7, 5]);
  });

  it("a window for one setting goes before the one for all", async () => {
    await change(
      "linhu/windows.yaml",
      "windows:\n",
      "windows:\n  - { id: inpatient-k, items: [potassium], days: 2, anchor: collected, settings: [inpatient] }\n",
    );
    const loaded = await loadCatalogue(root, "linhu");
    if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
    const catalogue = catalogueOn(loaded.policy, new Date("2026-11-22T12:00:00+08:00"));
    expect([catalogue.windowOf("potassium", "inpatient")?.days, catalogue.windowOf("potassium", "outpatient")?.days]).toEqual([
      2, 7,
    ]);
  });
});

describe("the policy in force", () => {
  const now = () => new Date("2026-11-22T02:00:00Z");
  it("changes with its files, without a restart", async () => {
    const current = currentPolicy({ root, region: "linhu", now, refused: () => {} });
    expect((await current()).windowOf("hba1c", "outpatient")?.days).toBe(60);
    await change("linhu/windows.yaml", "days: 60", "days: 45");
    expect((await current()).windowOf("hba1c", "outpatient")?.days).toBe(45);
  });
  it("stays when the change is wrong, and says so once", async () => {
    const told: string[] = [];
    const current = currentPolicy({ root, region: "linhu", now, refused: (wrong) => told.push(describeProblems(wrong)) });
    await current();
    await change("linhu/windows.yaml", "items: [hba1c]", "items: [moonstone]");
    expect((await current()).windowOf("hba1c", "outpatient")?.days).toBe(60);
    await current();
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('there is no item "moonstone"');
  });
  it("must be right to begin with", async () => {
    await change("linhu/windows.yaml", "items: [hba1c]", "items: [moonstone]");
    const current = currentPolicy({ root, region: "linhu", now, refused: () => {} });
    await expect(current()).rejects.toMatchObject({
      code: "configuration-wrong",
      message: expect.stringContaining("moonstone"),
    });
  });
});
