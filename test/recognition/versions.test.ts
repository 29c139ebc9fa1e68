import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { currentPolicy } from "../../src/recognition/current-policy.ts";
import { describeProblems, regionsIn } from "../../src/recognition/load-catalogue.ts";
import { createPolicyShelf } from "../../src/recognition/policy-shelf.ts";
import { copyPolicies } from "./copied-policies.ts";

let root: string;
let policies: Awaited<ReturnType<typeof copyPolicies>>;
beforeEach(async () => {
  policies = await copyPolicies();
  root = policies.root;
});
afterEach(() => policies.remove());

const change = (file: string, from: string, to: string) => policies.change(file, from, to);
const problems = () => policies.problems();

/** The policy in force, on a clock that stands where it is put. */
function running() {
  const told: string[] = [];
  let at = new Date("2026-12-31T15:59:59Z");
  const current = currentPolicy({
    root,
    region: "linhu",
    now: () => at,
    refused: (wrong) => told.push(describeProblems(wrong)),
  });
  const on = (instant: string) => {
    at = new Date(instant);
    return current();
  };
  return { on, told };
}

describe("two versions side by side", () => {
  it("the later one counts from its first moment in the region, without a restart", async () => {
    const { on } = running();
    const before = await on("2026-12-31T15:59:59Z");
    const after = await on("2026-12-31T16:00:00Z");
    expect([before.version, before.windowOf("hba1c", "outpatient")?.days, before.items.has("crp")]).toEqual([
      "linhu 2026.1",
      60,
      false,
    ]);
    expect([after.version, after.windowOf("hba1c", "outpatient")?.days, after.items.has("crp")]).toEqual([
      "linhu 2027.1",
      90,
      true,
    ]);
  });

  it("a version laid down while the engine runs counts from its day", async () => {
    const { on } = running();
    await on("2026-11-22T02:00:00Z");
    await cp(path.join(root, "linhu/2027.1"), path.join(root, "linhu/2026.2"), { recursive: true });
    await change("linhu/2026.2/policy.yaml", 'version: "2027.1"', 'version: "2026.2"');
    for (const file of ["policy", "windows", "items", "prices"]) {
      const text = await readFile(path.join(root, `linhu/2026.2/${file}.yaml`), "utf8");
      await writeFile(path.join(root, `linhu/2026.2/${file}.yaml`), text.replaceAll("2027-01-01", "2026-12-01"));
    }
    expect((await on("2026-11-30T02:00:00Z")).version).toBe("linhu 2026.1");
    expect((await on("2026-12-01T02:00:00Z")).version).toBe("linhu 2026.2");
    expect((await on("2027-01-01T02:00:00Z")).version).toBe("linhu 2027.1");
  });

  it("what is wrong in a version to come refuses the change whole: the versions in force stay, and it is said once", async () => {
    const { on, told } = running();
    await on("2026-11-22T02:00:00Z");
    await change("linhu/2026.1/windows.yaml", "items: [hba1c], days: 60", "items: [hba1c], days: 45");
    await change("linhu/2027.1/windows.yaml", "items: [crp]", "items: [moonstone]");
    expect((await on("2026-11-22T02:00:10Z")).windowOf("hba1c", "outpatient")?.days).toBe(60);
    await on("2026-11-22T02:00:20Z");
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/linhu\/2027\.1\/windows\.yaml:\d+: there is no item "moonstone"/);
    await change("linhu/2027.1/windows.yaml", "items: [moonstone]", "items: [crp]");
    expect((await on("2026-11-22T02:00:30Z")).windowOf("hba1c", "outpatient")?.days).toBe(45);
  });

  it("before the first version begins nothing is decided, and it says so", async () => {
    await expect(running().on("2024-12-31T02:00:00Z")).rejects.toMatchObject({
      code: "configuration-wrong",
      message: expect.stringContaining("no version of the policy has begun"),
    });
  });

  it.each`
    said                       | from                                   | to                                     | reason
    ${"begin on one day"}      | ${'effective: { from: "2027-01-01" }'} | ${'effective: { from: "2025-01-01" }'} | ${"a version that begins on 2025-01-01 stands already at linhu/2026.1/policy.yaml:"}
    ${"have one name"}         | ${'version: "2027.1"'}                 | ${'version: "2026.1"'}                 | ${'the version "2026.1" stands already at linhu/2026.1/policy.yaml:'}
    ${"are of another region"} | ${"region: linhu"}                     | ${"region: hubei"}                     | ${'the policy is of the region "hubei", its folder of "linhu"'}
  `("are refused when they $said", async ({ from, to, reason }) => {
    await change("linhu/2027.1/policy.yaml", String(from), String(to));
    expect(await problems()).toContain(String(reason));
  });

  it("a folder without a head is no version", async () => {
    await mkdir(path.join(root, "linhu/2028.1"));
    await writeFile(path.join(root, "linhu/2028.1/windows.yaml"), "windows: []\n");
    expect(await problems()).toContain("linhu/2028.1/policy.yaml:1: there is no head (section policy)");
  });

  it("what is wrong in a file they share is told once", async () => {
    await change("linhu/panels.yaml", "members: [creatinine, urea, urate]", "members: [creatinine, urea, moonstone]");
    expect((await problems()).split("\n").filter((line) => line.includes("moonstone"))).toHaveLength(1);
  });
});

describe("the shelf of all policies", () => {
  const now = () => new Date("2026-11-22T02:00:00Z");

  it("knows each region that has a policy of its own, and not the skeleton", async () => {
    expect(await regionsIn(root)).toEqual(["hubei", "linhu"]);
    const versionsOf = createPolicyShelf({ root, now });
    expect((await versionsOf("linhu"))?.map((policy) => policy.head.version)).toEqual(["2026.1", "2027.1"]);
    expect(await versionsOf("national")).toBeUndefined();
    expect(await versionsOf("../etc")).toBeUndefined();
  });

  it("shows a change after ten seconds, and what is in force while a change is wrong", async () => {
    let ms = now().getTime();
    const versionsOf = createPolicyShelf({ root, now: () => new Date(ms) });
    const daysOfHba1c = async () => {
      ms += 10_001;
      const [first] = (await versionsOf("linhu")) ?? [];
      return first?.entries.windows.find((window) => window.id === "hba1c")?.days;
    };
    expect(await daysOfHba1c()).toBe(60);
    await change("linhu/2026.1/windows.yaml", "items: [hba1c], days: 60", "items: [hba1c], days: 45");
    expect(await daysOfHba1c()).toBe(45);
    await change("linhu/2026.1/windows.yaml", "items: [hba1c], days: 45", "items: [moonstone], days: 30");
    expect(await daysOfHba1c()).toBe(45);
  });

  it("of a region whose policy never was right is none, until it is mended", async () => {
    let ms = now().getTime();
    const versionsOf = createPolicyShelf({ root, now: () => new Date(ms) });
    await change("hubei/windows.yaml", "items: [hba1c]", "items: [moonstone]");
    expect(await versionsOf("hubei")).toBeUndefined();
    await change("hubei/windows.yaml", "items: [moonstone]", "items: [hba1c]");
    ms += 10_001;
    expect(await versionsOf("hubei")).toHaveLength(1);
  });
});
