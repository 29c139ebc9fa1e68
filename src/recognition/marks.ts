import type { Scopes } from "./scopes.ts";

/** A mark (互认标识) as printed, taken apart. `sheet` = only the prefix ★ or *, which points to what the sheet declares. */
export type Mark =
  | { readonly kind: "none" }
  | { readonly kind: "sheet" }
  | { readonly kind: "scoped" /** The words before HR; "" = the region of the body that certified. */; readonly words: string };

/**
 * Parses a printed mark: NFKC (ＨＲ is HR, ＊ is *), trimmed, a prefix ★ or * taken off, then "〈scope〉HR" (国卫医发〔2022〕6号 第十二条: 互认标志统一为HR).
 * `HR鄂` is no mark; `★肌酐` is a starred item, whose mark is the one the sheet declares.
 */
export function parseMark(printed: string): Mark {
  const text = printed.normalize("NFKC").trim();
  const starred = /^[★*]/.test(text);
  const rest = text.replace(/^[★*]\s*/, "").trim();
  const words = /^(?<words>.*?)\s*HR$/.exec(rest)?.groups?.words;
  if (words !== undefined) return { kind: "scoped", words: words.trim() };
  return { kind: starred ? "sheet" : "none" };
}

/** What is longer is no printed mark, and is not searched for one. */
const longestText = 200;

/** Every mark of a printed text: some reports carry several (`全国HR、鄂HR`), and each stands for itself. */
export function parseMarks(printed = ""): Mark[] {
  if (printed.length > longestText) return [];
  const texts = printed.normalize("NFKC").split(/(?<=HR)\s+|[、,;/]/);
  return texts.map((text) => parseMark(text)).filter((mark) => mark.kind !== "none");
}

/**
 * The region a mark's words mean: a name (全国, 鄂, 武汉), or a relative word (本省, 全市) around the laboratory that printed it.
 * Undefined for words this policy does not know: an unknown scope never covers.
 */
export function scopeOfMark(words: string, laboratoryRegion: string | undefined, scopes: Scopes): string | undefined {
  return scopes.relative(words, laboratoryRegion) ?? scopes.named(words);
}
