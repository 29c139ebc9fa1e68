/** A measured number as printed: exact digits, and the sign of a limit when the result is only known to lie beyond it. */
export interface PrintedNumber {
  readonly comparator?: "<" | "<=" | ">" | ">=";
  readonly value: string;
}

/** A printed reference range; at least one side is known. */
export interface PrintedRange {
  readonly low?: string;
  readonly high?: string;
}

const digits = String.raw`[-+]?(?:\d+(?:\.\d+)?|\.\d+)`;
const numberPattern = new RegExp(`^([<>]=?|[≤≥])?\\s*(${digits})$`);
const rangePattern = new RegExp(`^(${digits})\\s*(?:-{1,2}|~|–|—|―|至)\\s*(${digits})$`);
const comparators: Readonly<Record<string, PrintedNumber["comparator"]>> = {
  "<": "<",
  ">": ">",
  "<=": "<=",
  ">=": ">=",
  "≤": "<=",
  "≥": ">=",
};

/** Digits as JSON wants them: no plus sign, no leading zeros, a digit before the point. Zeros after the point are kept. */
function canonicalDigits(text: string): string {
  const negative = text.startsWith("-");
  const [whole = "", fraction] = text.replace(/^[-+]/, "").split(".");
  const integer = whole.replace(/^0+(?=\d)/, "") || "0";
  return `${negative ? "-" : ""}${integer}${fraction === undefined ? "" : `.${fraction}`}`;
}

/** The exact product of two decimals; its scale is the sum of both scales (`1.10` × `88.4` = `97.240`), nothing is rounded. */
export function multiplyExact(a: string, b: string): string {
  if (b === "1") return a;
  const scaleOf = (text: string) => text.split(".")[1]?.length ?? 0;
  const scale = scaleOf(a) + scaleOf(b);
  const product = BigInt(a.replace(".", "")) * BigInt(b.replace(".", ""));
  const sign = product < 0n ? "-" : "";
  const plain = (product < 0n ? -product : product).toString().padStart(scale + 1, "0");
  return scale === 0 ? `${sign}${plain}` : `${sign}${plain.slice(0, -scale)}.${plain.slice(-scale)}`;
}

/** Reads a printed result (`11.30`, `<0.01`, `≥5`), times `factor`; undefined for anything that is not one number (`阴性`, `+`, `1:40`). */
export function printedNumber(text: string, factor = "1"): PrintedNumber | undefined {
  const match = numberPattern.exec(plain(text));
  if (match?.[2] === undefined) return undefined;
  const value = multiplyExact(canonicalDigits(match[2]), factor);
  const comparator = match[1] === undefined ? undefined : comparators[match[1]];
  return comparator === undefined ? { value } : { comparator, value };
}

/** Reads a printed range (`3.5-9.5`, `<5.20`, `≥60`), both sides times `factor`; undefined when it is not one (`阴性`). */
export function printedRange(text: string, factor = "1"): PrintedRange | undefined {
  const printed = plain(text);
  const sides = rangePattern.exec(printed);
  if (sides?.[1] !== undefined && sides[2] !== undefined) {
    return { low: multiplyExact(canonicalDigits(sides[1]), factor), high: multiplyExact(canonicalDigits(sides[2]), factor) };
  }
  const limit = printedNumber(printed, factor);
  if (limit?.comparator === undefined) return undefined;
  return limit.comparator.startsWith("<") ? { high: limit.value } : { low: limit.value };
}

/** Full-width digits and signs as plain ones; ASCII text costs one test. */
function plain(text: string): string {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7e) return text.normalize("NFKC").trim();
  return text;
}
