import { describe, expect, it } from "@jest/globals";
import type { Observation, Resource } from "@medplum/fhirtypes";
import { exactNumber } from "../../src/kernel/exact-json.ts";
import { addDifferences, noDifference } from "../../src/mapping/add-differences.ts";
import { compareResources } from "../../src/mapping/compare-resources.ts";
import { diffMappings } from "../../src/mapping/diff-mappings.ts";
import type { MappedSheet } from "../../src/mapping/mapped.ts";

const result = (id: string, more: Partial<Observation> = {}): Observation => ({
  resourceType: "Observation",
  id,
  status: "final",
  code: { text: "肌酐" },
  ...more,
});

function sheetOf(head: string, resources: readonly Resource[], order = ""): MappedSheet {
  const members = resources.map((resource, at) => ({
    ...{ resource, kind: "lab-result", digest: "", state: "present" as const, file: "a.csv", line: at + 2 },
  }));
  return {
    tenant: "t",
    head,
    order,
    mapping: "f/t@1",
    generation: 1,
    members,
    parents: [],
    aliases: [],
  } as unknown as MappedSheet;
}

function running(sheets: readonly MappedSheet[]) {
  return {
    events: (async function* () {
      for (const sheet of sheets) yield { kind: "sheet", sheet } as const;
    })(),
    report: () => ({ rows: {}, unmappedColumns: [], unusedColumns: [], tableMisses: [], issues: {} }),
  };
}

describe("two versions of a resource", () => {
  it.each([
    { said: "equal ones", after: result("1"), changes: [] },
    { said: "a new element", after: result("1", { issued: "2026" }), changes: ["added Observation.issued"] },
    { said: "another value", after: result("1", { status: "amended" }), changes: ["changed Observation.status"] },
    { said: "one more in a list", after: result("1", { note: [{ text: "a" }] }), changes: ["added Observation.note"] },
    { said: "a value deep inside", after: result("1", { code: { text: "CREA" } }), changes: ["changed Observation.code.text"] },
  ])("$said", ({ after, changes }) => {
    expect(compareResources(result("1"), after).map(({ kind, element }) => `${kind} ${element}`)).toEqual(changes);
  });

  it("differ when only the printed digits do", () => {
    const of = (digits: string) => result("1", { valueQuantity: { value: exactNumber(digits) } });
    expect(compareResources(of("11.3"), of("11.30"))).toMatchObject([{ before: "11.3", after: "11.30" }]);
    expect(compareResources(of("11.30"), of("11.30"))).toEqual([]);
  });
});

describe("two mappings of one export", () => {
  const both = [sheetOf("A/1", [result("1"), result("2")]), sheetOf("A/2", [result("3")])];

  it("are compared sheet with sheet, in whatever order they come", async () => {
    const found = await diffMappings(running(both), running([...both].reverse()));
    expect(found.sheets).toEqual({ same: 2, changed: 0, added: 0, lost: 0 });
    expect(found.elements).toEqual({});
  });

  it("tell sheets and rows that only one of them made", async () => {
    const found = await diffMappings(running(both), running([sheetOf("A/1", [result("1")]), sheetOf("A/9", [result("9")])]));
    expect(found.sheets).toEqual({ same: 0, changed: 1, added: 1, lost: 1 });
    expect(found.resources.Observation).toEqual({ same: 1, changed: 0, added: 1, lost: 2 });
  });

  it("tell that another issue would count as the later one", async () => {
    const found = await diffMappings(
      running([sheetOf("A/1", [result("1")], "2026")]),
      running([sheetOf("A/1", [result("1")], "2027")]),
    );
    expect(found.elements).toEqual({ "Observation.$order": { changed: 1, added: 0, lost: 0 } });
  });

  it("add up over exports", async () => {
    const one = await diffMappings(running(both), running([]));
    const sum = addDifferences(addDifferences(noDifference, one), one);
    expect(sum.exports).toBe(2);
    expect(sum.resources.Observation).toEqual({ same: 0, changed: 0, added: 0, lost: 6 });
  });
});
