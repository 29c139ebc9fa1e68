import type { CatalogueAnswer, CatalogueItem } from "../../http/contract/catalogue.ts";

type Window = CatalogueItem["windows"][number];

const anchors = { collected: "采样", performed: "检查", reported: "报告" } as const;
const settings = { outpatient: "门诊", inpatient: "住院", emergency: "急诊" } as const;

/** What a basis asks for, in the words of the rules. */
const basisParts: Readonly<Record<string, string>> = {
  "mark-and-certificate": "互认标识和室间质评合格",
  "published-list": "公布名单",
  "institution-level": "机构等级",
  alliance: "医联体内",
  "public-institutions": "公立医疗机构间",
};

/** Words are looked for in name, id, LOINC and the names of the panels an item stands in; case and spaces at the ends do not matter. Laboratory first. */
export function found(
  catalogue: Pick<CatalogueAnswer, "items" | "panels">,
  { words, kind }: { readonly words: string; readonly kind: "all" | "lab" | "imaging" },
): CatalogueItem[] {
  const wanted = words.trim().toLowerCase();
  const panelNames = new Map(catalogue.panels.map((panel) => [panel.id, panel.name]));
  const fitting = catalogue.items.filter((item) => {
    if (kind !== "all" && item.kind !== kind) return false;
    const texts = [item.name, item.id, item.loinc, ...item.alsoLoinc, ...item.panels.map((id) => panelNames.get(id) ?? "")];
    return texts.some((text) => text.toLowerCase().includes(wanted));
  });
  return [...fitting.filter((item) => item.kind === "lab"), ...fitting.filter((item) => item.kind === "imaging")];
}

/** How long a result counts and from which moment: `30 天（自采样）`, with the settings it is for when not for all. */
export function windowWords({ days, anchor, settings: only }: Window): string {
  const where = only === undefined ? "" : `${only.map((one) => settings[one]).join("、")}：`;
  return `${where}${days} 天（自${anchors[anchor]}）`;
}

/** The windows for results of others, those for single settings after the general one; the institution's own stand apart. */
export function windowsOf(item: Pick<CatalogueItem, "windows">, results: Window["results"]): Window[] {
  const fitting = item.windows.filter((one) => one.results === results);
  return [...fitting.filter((one) => one.settings === undefined), ...fitting.filter((one) => one.settings !== undefined)];
}

/** A basis by what it asks for, all of it together: `互认标识和室间质评合格`. */
export function basisWords(basis: CatalogueAnswer["bases"][number]): string {
  return basis.all.map((part) => basisParts[part] ?? part).join("，且");
}

/** What an item is measured in or what is examined; `names` are those of specimens and sites. */
export function subjectOf(item: CatalogueItem, names: CatalogueAnswer["names"]): string {
  const called = (id: string | undefined) => (id === undefined ? undefined : (names[id] ?? id));
  const parts =
    item.kind === "lab"
      ? [item.specimens?.map(called).join("、"), item.unit]
      : [item.modalities?.join("/"), called(item.site), contrasts[item.contrast ?? ""]];
  return parts.filter((part) => part !== undefined).join(" · ");
}

const contrasts: Readonly<Record<string, string>> = { none: "平扫", with: "增强", both: "平扫+增强" };

/** 分 as yuan: `12.50 元`. */
export function yuan(fen: number): string {
  return `${(fen / 100).toFixed(2)} 元`;
}
