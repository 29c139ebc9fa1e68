import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

/** A window of real Chromium, and everything in it that went wrong. */
export interface Window {
  readonly page: Page;
  /** Errors of scripts, what the content security policy stopped, and requests to any other site. */
  readonly troubles: readonly string[];
}

/** Chromium with nothing remembered: each test file has its own. */
export interface Chromium {
  open(url: string, size?: { width: number; height: number }): Promise<Window>;
  close(): Promise<void>;
}

/** Starts the system's Chromium without any traffic of its own, on the clock of the sample region. */
export async function startChromium(): Promise<Chromium> {
  const userDataDir = mkdtempSync(join(tmpdir(), "hutong-chromium-"));
  const browser = await puppeteer.launch({
    executablePath: "/usr/bin/chromium",
    userDataDir,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage", "--lang=zh-CN"],
  });
  return {
    open: (url, size = { width: 1280, height: 900 }) => openWindow(browser, url, size),
    async close() {
      await browser.close();
      rmSync(userDataDir, { recursive: true, force: true });
    },
  };
}

async function openWindow(browser: Browser, url: string, size: { width: number; height: number }): Promise<Window> {
  const page = await browser.newPage();
  const troubles: string[] = [];
  const own = new URL(url).origin;
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("console", (message) => {
    // A refused request is told by the page itself; Chromium's own line about it is no trouble.
    const refused = message.text().startsWith("Failed to load resource");
    if ((message.type() === "error" || message.type() === "warn") && !refused) troubles.push(message.text());
  });
  page.on("request", (request) => {
    const address = new URL(request.url());
    if (address.protocol !== "data:" && address.origin !== own) troubles.push(`asked ${address.origin}`);
  });
  await page.emulateTimezone("Asia/Shanghai");
  await page.setViewport(size);
  await page.goto(url);
  return { page, troubles };
}

/** The visible text of what a selector finds, white space made single. */
export async function textOf(page: Page, selector: string): Promise<string> {
  await page.waitForSelector(selector);
  const text = (await page.$eval(selector, (found) => (found as unknown as { innerText: string }).innerText)) ?? "";
  return String(text).replace(/\s+/g, " ").trim();
}
