import { beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { diffPolicies } from "../../src/recognition/diff-policies.ts";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import type { Policy } from "../../src/recognition/policy-schema.ts";
import { type PolicySide, sideOf } from "../../src/recognition/policy-side.ts";
import { policiesFolder } from "./laboratory.ts";

let versions: readonly Policy[];
beforeAll(async () => {
  const loaded = await loadCatalogue(policiesFolder, "linhu");
  if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
  versions = loaded.versions;
});

function side(named: string, as: "before" | "after" = "after"): PolicySide {
  const found = sideOf(versions, named, as);
  if (found === undefined) throw new Error(`no side ${named}`);
  return found;
}

describe("a side of a comparison", () => {
  it.each`
    said                                    | named           | as          | version     | day
    ${"a day within the first version"}     | ${"2026-11-22"} | ${"before"} | ${"2026.1"} | ${"2026-11-22"}
    ${"the last day of the first version"}  | ${"2026-12-31"} | ${"after"}  | ${"2026.1"} | ${"2026-12-31"}
    ${"the first day of the second"}        | ${"2027-01-01"} | ${"before"} | ${"2027.1"} | ${"2027-01-01"}
    ${"a version as it ends"}               | ${"2026.1"}     | ${"before"} | ${"2026.1"} | ${"2026-12-31"}
    ${"a version as it begins"}             | ${"2026.1"}     | ${"after"}  | ${"2026.1"} | ${"2025-01-01"}
    ${"a version that nothing follows yet"} | ${"2027.1"}     | ${"before"} | ${"2027.1"} | ${"2027-01-01"}
  `("$said", ({ named, as, version, day }) => {
    const found = side(String(named), as as "before" | "after");
    expect([found.policy.head.version, found.day]).toEqual([version, day]);
  });

  it.each(["2024-12-31", "2030.1", "", "2026"])("there is none: %s", (named) =>
    expect(sideOf(versions, named, "before")).toBeUndefined(),
  );
});

describe("what 2027 changes", () => {
  const changeOf = (item: string) =>
    diffPolicies(side("2026.1", "before"), side("2027.1")).items.find((one) => one.item === item);

  it("a longer window, told with both values", () => {
    expect(changeOf("hba1c")?.fields).toContainEqual({
      field: "window",
      before: { days: 60, anchor: "collected", provisional: false },
      after: { days: 90, anchor: "collected", provisional: false },
    });
  });

  it("a window that is no longer provisional", () => {
    expect(changeOf("creatinine")?.fields).toEqual([
      {
        field: "window",
        before: { days: 30, anchor: "collected", provisional: true },
        after: { days: 30, anchor: "collected", provisional: false },
      },
    ]);
  });

  it("a new item", () => expect(changeOf("crp")).toMatchObject({ change: "added", name: "C反应蛋白" }));

  it("nothing for an item that is as it was", () => expect(changeOf("potassium")).toBeUndefined());

  it("a new basis and switch, in the entries and the head", () => {
    const { entries, head } = diffPolicies(side("2026.1", "before"), side("2027.1"));
    expect(entries).toContainEqual(expect.objectContaining({ section: "bases", key: "imaging-by-level", change: "added" }));
    expect(head.map((one) => one.field)).toEqual(["version", "effective", "cards"]);
  });
});

describe("for every two days", () => {
  const day = fc
    .integer({ min: 0, max: 1_000 })
    .map((days) => new Date(Date.UTC(2025, 0, 1 + days)).toISOString().slice(0, 10));

  it("a policy does not differ from itself", () => {
    fc.assert(
      fc.property(day, (on) => {
        const { head, entries, items } = diffPolicies(side(on), side(on));
        return head.length + entries.length + items.length === 0;
      }),
      { numRuns: 20 },
    );
  });

  it("backwards, what came has gone", () => {
    const turned = { added: "removed", removed: "added", changed: "changed" } as const;
    const told = (changes: readonly { key: string; section: string; change: keyof typeof turned }[]) =>
      changes.map((one) => `${one.section} ${one.key} ${one.change}`).sort();
    fc.assert(
      fc.property(day, day, (one, other) => {
        const there = diffPolicies(side(one), side(other)).entries;
        const back = diffPolicies(side(other), side(one)).entries.map((entry) => ({ ...entry, change: turned[entry.change] }));
        expect(told(back)).toEqual(told(there));
      }),
      { numRuns: 20 },
    );
  });
});
