import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, jest } from "@jest/globals";
import { check } from "../../../scripts/recognition/check.ts";
import { diff } from "../../../scripts/recognition/diff.ts";
import { explain } from "../../../scripts/recognition/explain.ts";
import type { Command, Options } from "../../../scripts/recognition/options.ts";
import { show } from "../../../scripts/recognition/show.ts";

/** Runs a command as the terminal would, and gives its exit code and what it printed. */
async function run(command: Command, args: readonly string[], options: Partial<Options> = {}) {
  let text = "";
  const spy = jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    return { code: await command.run(args, { json: false, ...options }), text };
  } finally {
    spy.mockRestore();
  }
}

/** A copy of the shipped policies with one text in one file changed. */
function changed(file: string, from: string, to: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "hutong-policies-"));
  cpSync("profiles/recognition", folder, { recursive: true });
  const text = readFileSync(path.join(folder, file), "utf8");
  expect(text).toContain(from);
  writeFileSync(path.join(folder, file), text.replace(from, to));
  return folder;
}

describe("check", () => {
  it("of the shipped policies ends with 0 and counts what they hold", async () => {
    const { code, text } = await run(check, []);
    expect(code).toBe(0);
    expect(text).toContain("ok   hubei 2023.56 from 2024-01-01: 28 items, 4 panels");
    expect(text).toContain("ok   linhu 2027.1 from 2027-01-01: 46 items, 8 panels");
  });

  it("tells every problem of every region with file and line, and ends with 1", async () => {
    const policies = changed("hubei/windows.yaml", "items: [hba1c]", "items: [moonstone]");
    const { code, text } = await run(check, [], { policies });
    expect(code).toBe(1);
    expect(text).toMatch(/hubei\/windows\.yaml:\d+: there is no item "moonstone"/);
    expect(text).toContain("ok   linhu 2026.1");
  });

  it("with a registry also tells who in a policy nobody knows", async () => {
    const { code, text } = await run(check, ["hubei"], { registry: "scripts/sample/region/registry.yaml" });
    expect(code).toBe(1);
    expect(text).toContain('there is no institution "hb-quality-centre" in the registry');
  });
});

describe("diff", () => {
  it("tells first what a doctor meets, and ends with 1 when something differs", async () => {
    const { code, text } = await run(diff, ["linhu", "2026.1", "2027.1"]);
    expect(code).toBe(1);
    expect(text).toContain("old  linhu 2026.1, as of 2026-12-31");
    expect(text).toContain("  hba1c 糖化血红蛋白\n    window: 60 d from collected → 90 d from collected");
    expect(text).toContain("+ crp C反应蛋白: added");
    expect(text).toContain("bases: + imaging-by-level");
  });

  it("of a version with itself is nothing, and ends with 0", async () => {
    expect((await run(diff, ["linhu", "2026-11-22", "2026-11-22"])).code).toBe(0);
  });

  it("of a version there is not says which there are", async () => {
    await expect(run(diff, ["linhu", "2026.1", "2030.1"])).rejects.toThrow(
      "there are 2026.1 (from 2025-01-01), 2027.1 (from 2027-01-01)",
    );
  });
});

describe("show", () => {
  it("prints one line an item, on any day", async () => {
    const { text } = await run(show, ["linhu"], { on: "2027-02-01" });
    expect(text).toMatch(/^hba1c +4548-4 +90 d from collected +糖化血红蛋白$/m);
    expect(text).toMatch(/^pct +33959-8 +not recognised: 降钙素原变化快/m);
  });

  it("prints an item with the source of everything that is said of it", async () => {
    const { text } = await run(show, ["hubei", "potassium"], { on: "2026-11-22" });
    expect(text).toContain("window 7 d from collected  [湖北省人民医院 检验检查结果互认公告：互认时限; 2024-01-01–]");
  });

  it("says when there is no such item", async () => {
    await expect(run(show, ["linhu", "moonstone"])).rejects.toThrow("there is no item or panel moonstone");
  });
});

describe("explain", () => {
  const result = { on: "2026-11-22T10:00", mark: "临湖省HR", certificate: "临湖省,2026-01-01,2026-12-31" };

  it.each`
    said                                           | more                          | says
    ${"a marked and certified result must count"}  | ${{}}                         | ${"must, 28 days left"}
    ${"one without a certificate may"}             | ${{ certificate: undefined }} | ${"may, 28 days left"}
    ${"one that is too old is not eligible"}       | ${{ at: "2026-10-01" }}       | ${"ineligible"}
    ${"one in urine is not eligible"}              | ${{ specimen: "尿" }}         | ${"ineligible, 28 days left"}
    ${"in an emergency it may"}                    | ${{ setting: "emergency" }}   | ${"may, 28 days left"}
    ${"a result of next year goes by next year's"} | ${{ on: "2027-01-10T10:00" }} | ${"linhu 2027.1, creatinine"}
  `("$said", async ({ more, says }) => {
    const { text } = await run(explain, ["creatinine"], { ...result, ...(more as Partial<Options>) });
    expect(text).toContain(says);
  });

  it("tells each rule with its clause and, where it fails, why", async () => {
    const { text } = await run(explain, ["creatinine"], { ...result, specimen: "尿" });
    expect(text).toMatch(/^ineligible +comparable-specimen +第十条\n +标本类型不同$/m);
    expect(text).toMatch(/^holds +within-window +参考时限$/m);
  });

  it.each`
    option           | value          | reason
    ${"on"}          | ${"yesterday"} | ${"--on is a day or an instant"}
    ${"at"}          | ${"last week"} | ${"--at is a day or an instant"}
    ${"setting"}     | ${"at home"}   | ${"--setting is outpatient, inpatient or emergency"}
    ${"certificate"} | ${"临湖省"}    | ${"--certificate is REGION,FROM,TO"}
    ${"institution"} | ${"nobody"}    | ${"--institution names none of the registry"}
  `("refuses --$option $value", async ({ option, value, reason }) => {
    await expect(run(explain, ["creatinine"], { ...result, [String(option)]: value })).rejects.toThrow(String(reason));
  });
});
