import { exactNumber } from "../kernel/exact-json.ts";
import { type Column, type Leaf, type Place, type Scope, tell, type Value } from "./compiled.ts";
import type { ElementType } from "./element-types.ts";
import { isPrimitive } from "./element-types.ts";
import { maskValue } from "./mask.ts";
import { narrativeDiv } from "./narrative.ts";
import { didYouMean } from "./suggest.ts";

/** A value that does not suit its element. */
interface Unsuitable {
  readonly unsuitable: string;
}

type Converter = (value: Value) => Value | Unsuitable;

const dateTimePattern = /^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?$/;
const decimalPattern = /^-?(0|[1-9]\d*)(\.\d+)?$/;

const asText: Converter = (value) =>
  typeof value === "object" ? { unsuitable: "is an object where a text is needed" } : String(value);

function asWhole(least: number): Converter {
  return (value) => {
    const number = Number(value);
    return Number.isSafeInteger(number) && number >= least ? number : { unsuitable: `is no whole number from ${least}` };
  };
}

/** Converters by primitive type; a type that is not here takes any text. */
const converters: Readonly<Record<string, Converter>> = {
  decimal: (value) => (decimalPattern.test(String(value)) ? exactNumber(String(value)) : { unsuitable: "is no plain decimal" }),
  integer: asWhole(-2_147_483_648),
  unsignedInt: asWhole(0),
  positiveInt: asWhole(1),
  boolean: (value) =>
    value === true || value === "true"
      ? true
      : value === false || value === "false"
        ? false
        : { unsuitable: "is neither true nor false" },
  date: (value) => (dateTimePattern.test(String(value)) ? String(value).slice(0, 10) : { unsuitable: "is no date" }),
  dateTime: (value) => (dateTimePattern.test(String(value)) ? String(value) : { unsuitable: "is no date or time" }),
  base64Binary(value) {
    const text = String(value).replace(/\s+/g, "");
    return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
      ? text
      : { unsuitable: "is no base64 text" };
  },
  /** Text, whatever it holds: escaped, a paragraph a line. */
  xhtml: (value) =>
    typeof value === "object" ? { unsuitable: "is an object where a text is needed" } : narrativeDiv(String(value)),
  instant: (value) =>
    dateTimePattern.test(String(value)) && String(value).includes("T")
      ? String(value)
      : { unsuitable: "is no full date and time" },
};

/** A literal of the mapping as its element wants it, or why it cannot be. */
export function literalFor(element: ElementType, value: unknown, text: string): { readonly value: Value } | Unsuitable {
  if (!isPrimitive(element.type))
    return { unsuitable: `is a text where ${element.type} is needed${written(element.type, text)}` };
  const converted = (converters[element.type] ?? asText)((element.type === "decimal" ? text : value) as Value);
  if (isUnsuitable(converted)) {
    const braces = /^\s*\{[^{}]*\}\s*$/.test(text) ? ": an expression stands in two braces, {{ … }}" : "";
    return { unsuitable: `is "${text}", which ${converted.unsuitable}${braces}` };
  }
  if (element.codes !== undefined && !element.codes.has(String(converted)))
    return {
      unsuitable: `is ${String(converted)}; it may be ${[...element.codes].join(", ")}${didYouMean(String(converted), element.codes)}`,
    };
  return { value: converted };
}

const shapes: Readonly<Record<string, (text: string) => string>> = {
  Reference: (text) => `{ $ref: ${text} }`,
  CodeableConcept: (text) => `{ text: ${text} }`,
  Identifier: (text) => `{ value: ${text} }`,
  HumanName: (text) => `{ text: ${text} }`,
  Annotation: (text) => `{ text: ${text} }`,
  Address: (text) => `{ text: ${text} }`,
};

/** How a text is put into an object of a type, where there is one usual way. */
function written(type: string, text: string): string {
  const shape = shapes[type];
  return shape === undefined ? "" : `: write ${shape(text)}`;
}

/** A leaf whose value is made to suit its element; what does not suit becomes an issue and no value. */
export function convertedLeaf(leaf: Leaf, element: ElementType, place: Place, column: Column | undefined): Leaf {
  if (!isPrimitive(element.type)) return objectLeaf(leaf, element, place);
  if (column !== undefined && isPlainText(element)) return leaf;
  if (column !== undefined && element.type === "dateTime" && (column.type === "local_time" || column.type.startsWith("date")))
    return leaf;
  const convert = converters[element.type] ?? asText;
  const { codes } = element;
  return (scope) => {
    const value = leaf(scope);
    if (value === undefined || value === "") return undefined; // FHIR has no empty texts
    const converted = convert(value);
    if (isUnsuitable(converted))
      return refuse(scope, place, `${place.element} ${converted.unsuitable} (like ${maskValue(String(value))})`);
    if (codes === undefined || codes.has(converted as string)) return converted;
    const reason = `${place.element} may be ${[...codes].join(", ")}; this row gives something like ${maskValue(String(converted))}`;
    tell(scope, { severity: "error", code: "bad-code", reason }, place);
    return undefined;
  };
}

function isPlainText(element: ElementType): boolean {
  return converters[element.type] === undefined && element.codes === undefined;
}

function objectLeaf(leaf: Leaf, element: ElementType, place: Place): Leaf {
  return (scope) => {
    const value = leaf(scope);
    if (value === undefined) return undefined;
    if (typeof value !== "object")
      return refuse(
        scope,
        place,
        `${place.element} is a ${element.type}, and the expression gives a text (like ${maskValue(String(value))})`,
      );
    const { binding } = element;
    const { system, code } = value as { system?: string; code?: string };
    if (binding === undefined || system !== binding.system || code === undefined || binding.codes.has(code)) return value;
    tell(
      scope,
      {
        severity: "error",
        code: "bad-code",
        reason: `${place.element} may be ${[...binding.codes].join(", ")}, and the code table gives ${code}`,
      },
      place,
    );
    return undefined;
  };
}

function refuse(scope: Scope, place: Place, reason: string): undefined {
  tell(scope, { severity: "error", code: "bad-value", reason }, place);
  return undefined;
}

function isUnsuitable(value: Value | Unsuitable): value is Unsuitable {
  return typeof value === "object" && "unsuitable" in value;
}
