import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";

/** Which table of local names applies: A's two campuses print differently, C's hospitals share one LIS. */
export type ItemDialect = "a" | "a2" | "b" | "c";
export type Panel = "ELEC" | "LIVER" | "HEART" | "KIDNEY" | "SUGAR" | "LIPID" | "CBC" | "HEPB";

/** An item as one hospital prints it; canonical value = printed value × factor. */
export interface LocalItem {
  readonly code: string;
  readonly name: string;
  readonly unit: string;
  readonly factor: number;
}

/** A laboratory item of the sample (the 35 of the demo catalogue); values are canonical, in `ucum`. Qualitative items have no unit. */
export interface Item {
  readonly key: string;
  readonly loinc: string;
  readonly display: string;
  readonly name: string;
  readonly ucum: string;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly digits: number;
  readonly panel: Panel;
  readonly local: Readonly<Record<ItemDialect, LocalItem>>;
}

export const panels: Readonly<
  Record<Panel, { code: string; name: string; specimen: string; group: string; groupName: string }>
> = {
  ELEC: { code: "DJZ", name: "电解质", specimen: "血清", group: "3", groupName: "化学" },
  LIVER: { code: "GGN", name: "肝功能", specimen: "血清", group: "3", groupName: "化学" },
  HEART: { code: "XJM", name: "心肌酶", specimen: "血清", group: "3", groupName: "化学" },
  KIDNEY: { code: "SGN", name: "肾功能", specimen: "血清", group: "3", groupName: "化学" },
  SUGAR: { code: "XT", name: "血糖", specimen: "血清", group: "3", groupName: "化学" },
  LIPID: { code: "XZ", name: "血脂", specimen: "血清", group: "3", groupName: "化学" },
  CBC: { code: "XCG", name: "血常规", specimen: "全血", group: "2", groupName: "血液" },
  HEPB: { code: "YGLDB", name: "乙肝两对半及丙肝抗体", specimen: "血清", group: "4", groupName: "免疫" },
};

const rows = parse(readFileSync(new URL("./region/items.csv", import.meta.url)), { columns: true }) as Record<string, string>[];

export const items: readonly Item[] = rows.map(itemOf);
const byKey = new Map(items.map((item) => [item.key, item]));

/** The item with this key (`CREA`, `WBC`, …); throws when there is none, so a typing error in a test shows. */
export function itemByKey(key: string): Item {
  const item = byKey.get(key);
  if (item === undefined) throw new Error(`the sample has no item ${key}`);
  return item;
}

/** A canonical value (`"86"`, `"<0.5"`, `"阴性"`) as a hospital prints it: converted when it reports in another unit. */
export function printedValue(item: Item, dialect: ItemDialect, value: string): string {
  const match = /^([<>]?)(\d+(?:\.\d+)?)$/.exec(value);
  const { factor } = item.local[dialect];
  if (match === null || factor === 1) return value;
  return `${match[1]}${(Number(match[2]) / factor).toFixed(digitsIn(item, factor))}`;
}

/** The reference range as a hospital prints it: `57-111`, `<5.20`, `>1.04`, `阴性`. */
export function printedRange(item: Item, dialect: ItemDialect): string {
  const { factor } = item.local[dialect];
  const limit = (value: number) => (value / factor).toFixed(factor === 1 ? item.digits : digitsIn(item, factor));
  if (item.low !== undefined && item.high !== undefined) return `${limit(item.low)}-${limit(item.high)}`;
  if (item.high !== undefined) return `<${limit(item.high)}`;
  return item.low === undefined ? "阴性" : `>${limit(item.low)}`;
}

/** The hospital's own item table, in the form a mapping table has. */
export function itemTable(dialects: readonly ItemDialect[]): Record<string, string>[] {
  const lines = dialects.flatMap((dialect) =>
    items.map((item) => ({
      source_code: item.local[dialect].code,
      source_name: item.local[dialect].name,
      source_unit: item.local[dialect].unit.trim(),
      loinc: item.loinc,
      display: item.display,
      ucum: item.ucum,
      factor: String(item.local[dialect].factor),
    })),
  );
  const seen = new Set<string>();
  return lines.filter(
    (line) => !seen.has(`${line.source_code}|${line.source_unit}`) && seen.add(`${line.source_code}|${line.source_unit}`),
  );
}

function digitsIn(item: Item, factor: number): number {
  return factor > 1
    ? item.digits + Math.ceil(Math.log10(factor)) - (factor > 5 ? 0 : 1)
    : Math.max(0, item.digits - Math.floor(-Math.log10(factor)));
}

function itemOf(row: Record<string, string>): Item {
  const cell = (column: string) => row[column] ?? "";
  const number = (column: string) => (cell(column) === "" ? undefined : Number(cell(column)));
  const local = (dialect: ItemDialect): LocalItem => {
    const [unit = "", factor = "1"] = cell(`${dialect}_unit`).split("|");
    return {
      code: cell(`${dialect === "a2" ? "a" : dialect}_code`),
      name: cell(`${dialect}_name`),
      unit,
      factor: Number(factor),
    };
  };
  return {
    key: cell("key"),
    loinc: cell("loinc"),
    display: cell("display"),
    name: cell("name"),
    ucum: cell("ucum"),
    low: number("low"),
    high: number("high"),
    digits: Number(cell("digits")),
    panel: cell("panel") as Panel,
    local: { a: local("a"), a2: local("a2"), b: local("b"), c: local("c") },
  };
}
