import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Item } from "./items.ts";

/** What a laboratory prints on an item, and the certificate behind it. */
export interface MarkRule {
  /** As printed on the item; `★` = before the item's name, the words stand on the sheet. */
  readonly mark?: string;
  /** As printed on the sheet, for items with ★. */
  readonly sheet?: string;
  readonly certificate?: { readonly level: "国家" | "省" | "市"; readonly result?: "不合格" | "未公布" | "撤销" };
}

const rules = parse(readFileSync(new URL("./region/marks.yaml", import.meta.url), "utf8")) as Record<
  string,
  Record<string, MarkRule>
>;

/** Laboratories the quality centre knows. */
export const laboratories: readonly string[] = Object.keys(rules);

/** The rule for an item measured by a laboratory: the item's own, else its panel's, else the laboratory's. */
export function markRule(laboratory: string, item: Item): MarkRule {
  const own = rules[laboratory];
  return own?.[item.key] ?? own?.[item.panel] ?? own?.["*"] ?? {};
}
