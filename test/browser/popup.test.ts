import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Page } from "puppeteer-core";
import { expectStatus } from "../../scripts/client/call.ts";
import { freshResident, type Person } from "../../scripts/sample/people.ts";
import { flowWorld, type World } from "../platform.ts";
import { linkToPopup, orderOf, residentWithResults } from "./orders.ts";
import { type Chromium, startChromium, textOf, type Window } from "./window.ts";

let world: World;
let chromium: Chromium;
let person: Person;

beforeAll(async () => {
  world = flowWorld();
  chromium = await startChromium();
  person = await residentWithResults(world);
}, 200_000);
afterAll(async () => {
  await chromium.close();
  await world.close();
});

/** The pop-up for new draft orders of the resident, each in a visit of its own, so that no answer of another test stands. */
async function opened(keys: readonly string[], size?: { width: number; height: number }): Promise<Window> {
  const window = await chromium.open(await linkToPopup(world, person, { orders: keys.map(orderOf) }), size);
  await window.page.waitForSelector(".orders");
  return window;
}

const row = (name: string) => `::-p-xpath(//tr[contains(@class,"order")][.//button[contains(.,"${name}")]])`;
const button = (name: string, text: string) => `${row(name)} ::-p-xpath(.//button[normalize-space(.)="${text}"])`;
const anyButton = (text: string) => `::-p-xpath(//button[contains(normalize-space(.),"${text}")])`;
const choice = (text: string) => `::-p-xpath(//label[contains(@class,"reason")][contains(.,"${text}")])`;

async function stateOf(page: Page): Promise<Record<string, string>> {
  const id = await textOf(page, ".note code");
  const state = world.as<{ results: { order: string; state: string }[] }>("c-county", "recognitions", {
    method: "GET",
    path: `/recognitions/${id}`,
  });
  return Object.fromEntries((await expectStatus(state, 200)).results.map((one) => [one.order, one.state]));
}

describe("the pop-up a hospital's system opens", () => {
  it("opens once, shows who looks, and keeps the code and the resident out of the address and the page", async () => {
    const link = await linkToPopup(world, person, { orders: [orderOf("CREA")] });
    const { page, troubles } = await chromium.open(link);
    await page.waitForSelector(".orders");
    expect(page.url()).toBe(`${world.platform.api}/recognition/popup`);
    expect(await page.content()).not.toContain(person.number);
    expect(await page.$eval(".watermark", (one) => one.getAttribute("data-words"))).toMatch(/程医生\n苇塘县人民医院\n\d{4}-/);
    expect(await textOf(page, "header")).toContain("测试患者 男 46岁");
    const again = await chromium.open(link);
    expect(await textOf(again.page, ".notice")).toContain("链接已失效");
    expect([...troubles, ...again.troubles]).toEqual([]);
  });

  it("says for each ordered item what stands against it, and why", async () => {
    const { page, troubles } = await opened(["CREA", "K", "LDL"]);
    expect(await textOf(page, row("肌酐"))).toMatch(/应互认 86 .*另有 1 个结果 临湖省人民医院 采样 .*全国HR 剩余 2\d 天/);
    expect(await textOf(page, row("钾"))).toContain("不符合");
    expect(await textOf(page, row("低密度脂蛋白"))).toContain("可互认");
    await page.locator(`${row("钾")} .order-name`).click();
    expect(await textOf(page, ".detail:not([hidden]) .why")).toMatch(/不符合 .*7 天/);
    expect(troubles).toEqual([]);
  });

  it("recognises in two clicks, quotes, and takes back with a reason", async () => {
    const { page, troubles } = await opened(["CREA"]);
    await page.locator(button("肌酐", "互认")).click();
    await page.locator(anyButton("提交 1 项")).click();
    expect(await textOf(page, `${row("肌酐")} .answered`)).toContain("已互认");
    expect(await stateOf(page)).toEqual({ CREA: "adopted" });
    await page.locator(button("肌酐", "引用到病历")).click();
    await page.waitForSelector("::-p-text(已复制，可粘贴到病历)");
    await page.locator(button("肌酐", "撤销")).click();
    await page.locator("dialog[open] textarea").fill("患者转院");
    await page.locator(anyButton("确认撤销")).click();
    await page.waitForSelector(button("肌酐", "不互认"));
    expect(troubles).toEqual([]);
  });

  it("does not recognise in three clicks: no, the reason, told the patient", async () => {
    const { page, troubles } = await opened(["CREA"]);
    await page.locator(button("肌酐", "不互认")).click();
    await page.locator(choice("病情变化")).click();
    await page.locator(anyButton("已向患者说明，提交 1 项")).click();
    expect(await textOf(page, `${row("肌酐")} .answered`)).toMatch(/不互认 病情变化/);
    expect(await stateOf(page)).toEqual({ CREA: "declined" });
    expect(troubles).toEqual([]);
  });

  it("gives one reason to several, asks for words where the reason needs them, and sends nothing before", async () => {
    const { page } = await opened(["CREA", "UA"]);
    await page.locator(button("肌酐", "不互认")).click();
    await page.locator(button("尿酸", "不互认")).click();
    await page.locator(choice("其他")).click();
    await page.locator(anyButton("同一理由用于其余 1 项")).click();
    expect(await textOf(page, ".submit")).toContain("2 项缺理由");
    expect(await page.$eval(".submit-buttons > :last-child", (one) => one.hasAttribute("disabled"))).toBe(true);
    for (const area of await page.$$(".reasons textarea:not([aria-hidden])")) await area.type("术前复核");
    await page.locator(anyButton("已向患者说明，提交 2 项")).click();
    await page.waitForFunction("document.querySelectorAll('.answered').length === 2");
    expect(await stateOf(page)).toEqual({ CREA: "declined", UA: "declined" });
  });

  it("accepts everything recommended at once, and leaves to the doctor what may be recognised", async () => {
    const { page } = await opened(["CREA", "UA", "LDL"]);
    await page.locator(anyButton("全部互认（2）")).click();
    await page.locator(anyButton("提交 2 项")).click();
    await page.waitForFunction("document.querySelectorAll('.answered').length === 2");
    expect(await stateOf(page)).toEqual({ CREA: "adopted", UA: "adopted", LDL: "waiting" });
  });

  it("is worked with the keyboard alone", async () => {
    const { page } = await opened(["CREA"]);
    await page.focus(".adopt");
    await page.keyboard.press("Space");
    await page.waitForSelector('.adopt[aria-pressed="true"]');
    await page.focus(".submit-buttons > :last-child");
    await page.keyboard.press("Enter");
    expect(await textOf(page, ".answered")).toContain("已互认");
  });

  it("opens the report a result stands in, with its other results, and closes it with Escape", async () => {
    const { page, troubles } = await opened(["CREA"]);
    await page.locator(".order-name").click();
    await page.locator(anyButton("查看报告")).click();
    expect(await textOf(page, "dialog[open] .report")).toMatch(/临湖省人民医院.*肌酐 86 .*尿酸 351/);
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog[open]", { hidden: true });
    expect(troubles).toEqual([]);
  });

  it("reports a fault of a result to its source", async () => {
    const { page } = await opened(["CREA"]);
    await page.locator(".order-name").click();
    await page.locator(anyButton("异常反馈")).click();
    await page.locator(choice("报告不完整")).click();
    await page.locator("dialog[open] textarea").fill("报告缺第二页");
    await page.locator(anyButton("提交反馈")).click();
    await page.waitForSelector("::-p-text(已反馈给来源机构)");
  });

  it("never acts in another window's session: two residents, two windows, each its own after a reload", async () => {
    const other = freshResident();
    const [one, two] = [
      await opened(["CREA"]),
      await chromium.open(await linkToPopup(world, other, { orders: [orderOf("UA")] })),
    ];
    await two.page.waitForSelector(".orders");
    await one.page.reload();
    await two.page.reload();
    expect(await textOf(one.page, ".orders tbody")).toContain("应互认");
    expect(await textOf(two.page, ".orders tbody")).toMatch(/尿酸 .*未查询/);
  });

  it("says the same of a resident without consent as of one nobody knows: no source was asked, which is no 'none'", async () => {
    const { page } = await chromium.open(await linkToPopup(world, freshResident(), { orders: [orderOf("CREA")] }));
    await page.waitForSelector(".orders");
    expect(await textOf(page, ".tell")).toContain("这不代表没有既往结果");
    expect(await textOf(page, "main")).not.toContain("已查询的机构");
  });

  it("ends when its session does, and says what to do", async () => {
    const { page } = await opened(["CREA"]);
    const cookies = await page.createCDPSession();
    await cookies.send("Network.clearBrowserCookies");
    await page.locator(anyButton("重新查询")).click();
    expect(await textOf(page, ".notice")).toContain("请回到医院信息系统");
  });

  it("fits a telephone: nothing lies beside the screen, and every button can be hit", async () => {
    const { page, troubles } = await opened(["CREA", "LDL"], { width: 390, height: 844 });
    await page.locator(button("肌酐", "不互认")).click();
    await page.waitForSelector(".reason");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    const low = await page.$$eval(".choose button, .submit-buttons > :last-child", (all) =>
      all.map((one) => one.getBoundingClientRect().height).filter((height) => height < 44),
    );
    expect(low).toEqual([]);
    expect(troubles).toEqual([]);
  });
});
