import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { flowWorld, type World } from "../platform.ts";
import { linkToStaff } from "./orders.ts";
import { type Chromium, startChromium, textOf, type Window } from "./window.ts";

let world: World;
let chromium: Chromium;

beforeAll(async () => {
  world = flowWorld();
  chromium = await startChromium();
});
afterAll(async () => {
  await chromium.close();
  await world.close();
});

async function opened(size?: { width: number; height: number }): Promise<Window> {
  const window = await chromium.open(await linkToStaff(world), size);
  await window.page.waitForSelector(".entries");
  return window;
}

const tab = (name: string) => `[role=tab]::-p-text(${name})`;

describe("the pages of a hospital's staff", () => {
  it("show the catalogue: what is recognised, for how long, why and from when", async () => {
    const { page, troubles } = await opened();
    await page.locator('input[placeholder^="项目名称"]').fill("14682-9");
    await page.waitForFunction("document.querySelectorAll('.entry').length === 1");
    expect(await textOf(page, ".entry summary")).toMatch(/肌酐.*血清.*30 天（自采样）.*互认标识和室间质评合格.*20\d\d-/);
    await page.locator(".entry summary").click();
    expect(await textOf(page, ".everything")).toMatch(/LOINC 14682-9.*列入依据/);
    await page.locator('input[placeholder^="项目名称"]').fill("没有这一项");
    await page.waitForSelector("::-p-text(没有符合条件的项目)");
    expect(troubles).toEqual([]);
  });

  it("explain a decision rule by rule, anew with each fact that changes", async () => {
    const { page, troubles } = await opened();
    await page.locator(tab("判定说明")).click();
    await page.waitForSelector(".ruling li");
    expect(await textOf(page, ".ruling")).toMatch(/确认是同一患者 满足.*国卫/);
    await page.locator("[aria-label=几天前]").fill("400");
    await page.waitForFunction("/不符合/.test(document.querySelector('.ruling header')?.innerText ?? '')");
    expect(await textOf(page, ".ruling li.ineligible")).toMatch(/在互认期限内 不满足/);
    expect(troubles).toEqual([]);
  });

  it("show figures of the own institution, in numbers and as a chart, or say that there are none", async () => {
    const { page, troubles } = await opened();
    await page.locator(tab("统计")).click();
    await page.waitForSelector(".kpis", { timeout: 45_000 });
    expect(await textOf(page, ".kpis")).toMatch(/互认率 A .*估算节省/);
    await page.waitForSelector("::-p-xpath(//figure[@class='chart']//canvas | //*[contains(text(),'所选时间没有互认记录')])");
    expect(troubles).toEqual([]);
  });

  it.each([
    ["互认目录", ".entries"],
    ["判定说明", ".ruling li"],
    ["统计", ".kpis"],
  ])("fit a telephone: %s", async (name, selector) => {
    const { page, troubles } = await opened({ width: 390, height: 844 });
    await page.locator(tab(name)).click();
    await page.waitForSelector(selector, { timeout: 45_000 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    expect(troubles).toEqual([]);
  });

  it("ask nothing of anybody's record, whatever is opened", async () => {
    const { page } = await chromium.open(await linkToStaff(world));
    await page.waitForSelector(".entries");
    const script = `fetch("/web/sessions/" + sessionStorage.getItem("hutong-session") + "/check", {
      method: "POST", headers: { "X-Hutong-Page": "1" } }).then((answer) => answer.status)`;
    expect(await page.evaluate(script)).toBe(403);
  });
});
