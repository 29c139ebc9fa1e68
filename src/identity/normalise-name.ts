// Characters of names that old GB18030 tables kept in the private use area, and what they are in Unicode (GB18030-2005, -2022).
const privateUse: Readonly<Record<string, string>> = {
  "\uE863": "\u4DAE", // 䶮, FE9F
  "\uE81E": "\u9FB4", // 龴, FE59
  "\uE826": "\u9FB5", // 龵, FE61
  "\uE82B": "\u9FB6", // 龶, FE66
  "\uE82C": "\u9FB7", // 龷, FE67
  "\uE832": "\u9FB8", // 龸, FE6D
  "\uE843": "\u9FB9", // 龹, FE7E
  "\uE854": "\u9FBA", // 龺, FE90
  "\uE864": "\u9FBB", // 龻, FEA0
};

/** Dots that stand between the parts of a name (买买提·艾力), as input methods and tables give them. */
const dots = /[\u00B7\u2022\u2027\u2219\u22C5\u30FB\u0387\u16EB\u2E31\u25CF\uFF65.]/gu;

/** What people type when they do not know a name. */
const placeholders = new Set([
  "未知",
  "不详",
  "不明",
  "无",
  "无名",
  "无名氏",
  "无姓名",
  "佚名",
  "未命名",
  "NULL",
  "NONE",
  "NA",
  "N/A",
  "UNKNOWN",
]);

/** A newborn entered under its mother (李四之女, 张三之次子): a relation, not yet a name. */
const newborn = /之[长次大小双一二三甲乙AB]*[子女婴]$|新生儿/u;

function fold(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/[\s\p{Cc}\p{Cf}]/gu, "")
    .replace(dots, "·")
    .replace(/·+/gu, "·")
    .replace(/^·|·$/gu, "")
    .toUpperCase();
}

/**
 * A name in the one form in which two writings of it are equal: NFKC, no spaces or invisible characters, one kind of dot, private-use
 * characters mapped back, upper case. Undefined when it names nobody (empty, a placeholder, masked
 * with *, only a newborn's relation to its mother).
 */
export function normaliseName(name: string | undefined): string | undefined {
  let plain = fold((name ?? "").replace(/[\uE800-\uE8FF]/gu, (character) => privateUse[character] ?? character));
  // What one step takes away or writes out in full can give another something to do: ŉ is ʼN in capitals.
  for (let before = ""; before !== plain; plain = fold(plain)) before = plain;
  if (!/\p{L}/u.test(plain) || /[*?？□�]/u.test(plain) || placeholders.has(plain) || newborn.test(plain)) return undefined;
  return plain;
}
