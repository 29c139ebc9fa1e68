import { pinyin } from "pinyin-pro";
import { normaliseName } from "./normalise-name.ts";

// Characters that people and registers write for one another in names (traditional forms, registered variants), each before the one most used.
const variants: ReadonlyMap<string, string> = new Map(
  `張张 陳陈 劉刘 楊杨 趙赵 黃黄 吳吴 孫孙 馬马 鄭郑 謝谢 許许 鄧邓 馮冯 蕭萧 肖萧 葉叶 蔣蒋 蘇苏 呂吕 盧卢 鍾钟 鐘钟 譚谭 陸陆 賈贾 韋韦 鄒邹 閆闫 閻闫 阎闫
   龍龙 龔龚 萬万 錢钱 嚴严 湯汤 賀贺 顧顾 傅付 喬乔 賴赖 羅罗 歐欧 齊齐 寧宁 甯宁 國国 華华 強强 偉伟 傑杰 軍军 聰聪 麗丽 艷艳 豔艳 紅红 蘭兰 鳳凤 鳴鸣 嬌娇 靜静
   潔洁 瓊琼 瑩莹 慶庆 東东 興兴 榮荣 貴贵 寶宝 寳宝 發发 達达 飛飞 輝辉 煇辉 鵬鹏 峯峰 羣群 昇升 陞升 堃坤 喆哲 祎袆 銘铭 鋒锋 鐵铁 順顺 領领 學学 業业 衛卫 誠诚
   賢贤 義义 禮礼 倫伦 億亿 雲云 澤泽 濤涛 溫温 滿满 潤润 瀾澜 滙汇 徳德 惪德 鋭锐 銳锐 鑑鉴 蘂蕊 啓启 啟启 勛勋 勳勋 晧皓 澔浩 廼乃 齋斋 樹树 棟栋 樂乐 歡欢
   懷怀 愛爱 夢梦 歲岁 歳岁 穎颖 頴颖 韻韵 嶽岳 燦灿 煥焕 綠绿 絲丝 純纯 紹绍 維维 緯纬 瑋玮 璽玺 珮佩 蓮莲 鶴鹤 鴻鸿 鑾銮 頌颂 憲宪 恆恒`
    .split(/\s+/u)
    .map((pair) => [...pair] as [string, string]),
);

/** Surnames of two characters, so that the rest is the given name. */
const doubleSurnames = new Set(
  "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 司空 夏侯 南宫 端木 单于 申屠 轩辕".split(" "),
);

/** One name in the forms it is compared in. */
export interface NameForms {
  /** As `normaliseName` gives it, registered variants folded. */
  readonly folded: string;
  readonly script: "han" | "latin" | "mixed";
  /** Sound without tones: one syllable per character; the words of a name in Latin letters, sorted. */
  readonly sound: readonly string[];
  readonly surname: string;
  readonly given: string;
}

/** A newborn entered as its mother's child: who the mother is, and which of her children it is. */
export interface ChildOf {
  readonly mother: NameForms | undefined;
  /** `长`, `次`, `A` …; "" when the record does not say. */
  readonly order: string;
  readonly sex?: "male" | "female";
}

const latin = /^[\p{Script=Latin}\p{M}\s·.,'’-]+$/u;
const childOf = /^(.+?)之([长次大小双一二三四甲乙AB12]*)([子女婴])([AB甲乙一二12])?$/u;

/** The forms of a name, or undefined when it names nobody. */
export function nameForms(name: string | undefined): NameForms | undefined {
  const plain = normaliseName(name);
  if (plain === undefined) return undefined;
  const written = (name ?? "").normalize("NFKC").toUpperCase();
  return latin.test(written) ? latinForms(written) : formsOf(plain);
}

/** What a name like 刘梅之长女 tells; undefined for any other name. */
export function relationOf(name: string | undefined): ChildOf | undefined {
  const found = childOf.exec((name ?? "").normalize("NFKC").replace(/\s/gu, "").toUpperCase());
  if (found === null) return undefined;
  const [, mother, before = "", kind, after = ""] = found;
  const sex = kind === "子" ? "male" : kind === "女" ? "female" : undefined;
  return { mother: nameForms(mother), order: before + after, ...(sex === undefined ? {} : { sex }) };
}

function latinForms(written: string): NameForms {
  const words = wordsOf(written);
  return { folded: words.join(" "), script: "latin", sound: words, surname: words[0] ?? "", given: words.slice(1).join(" ") };
}

function formsOf(plain: string): NameForms {
  const folded = [...plain].map((one) => variants.get(one) ?? one).join("");
  const han = folded.replaceAll("·", "");
  const script = /^\p{Script=Han}+$/u.test(han) ? "han" : "mixed";
  // A name with a dot (买买提·艾力) has no surname in front.
  const split = folded.includes("·") ? folded.indexOf("·") : doubleSurnames.has(han.slice(0, 2)) && han.length > 2 ? 2 : 1;
  return {
    folded,
    script,
    sound: pinyin(han, { toneType: "none", type: "array", surname: "head" }),
    surname: folded.slice(0, split),
    given: folded.slice(split).replace(/^·/u, ""),
  };
}

/** Words of a name in Latin letters, without accents, sorted: surname first and given name first are the same person. */
function wordsOf(plain: string): string[] {
  const bare = plain
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[·.,'’-]/gu, " ");
  return bare
    .split(/\s+/u)
    .filter((word) => word !== "")
    .sort();
}
