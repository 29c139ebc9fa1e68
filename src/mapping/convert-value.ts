import { exactNumber } from "../kernel/exact-json.ts";
import { type Column, type Leaf, type Place, type Scope, tell, type Value } from "./compiled.ts";
import type { ElementType } from "./element-types.ts";
import { isPrimitive } from "./element-types.ts";

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
  instant: (value) =>
    dateTimePattern.test(String(value)) && String(value).includes("T")
      ? String(value)
      : { unsuitable: "is no full date and time" },
};

/** A literal of the mapping as its element wants it, or why it cannot be. */
export function literalFor(element: ElementType, value: unknown, text: string): { readonly value: Value } | Unsuitable {
  if (!isPrimitive(element.type)) return { unsuitable: `is a text where ${element.type} is needed` };
  const converted = (converters[element.type] ?? asText)((element.type === "decimal" ? text : value) as Value);
  if (isUnsuitable(converted)) return converted;
  if (element.codes !== undefined && !element.codes.has(String(converted)))
    return { unsuitable: `is not one of ${[...element.codes].join(", ")}` };
  return { value: converted };
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
    if (isUnsuitable(converted)) return refuse(scope, place, `the value ${converted.unsuitable}`);
    if (codes === undefined || codes.has(converted as string)) return converted;
    tell(
      scope,
      { severity: "error", code: "bad-code", reason: `the value is none of the codes that ${place.element} may have` },
      place,
    );
    return undefined;
  };
}

function isPlainText(element: ElementType): boolean {
  return converters[element.type] === undefined && element.codes === undefined;
}

function objectLeaf(leaf: Leaf, element: ElementType, place: Place): Leaf {
  return (scope) => {
    const value = leaf(scope);
    if (value === undefined || typeof value === "object") return value;
    return refuse(scope, place, `the expression gives a text where ${element.type} is needed`);
  };
}

function refuse(scope: Scope, place: Place, reason: string): undefined {
  tell(scope, { severity: "error", code: "bad-value", reason }, place);
  return undefined;
}

function isUnsuitable(value: Value | Unsuitable): value is Unsuitable {
  return typeof value === "object" && "unsuitable" in value;
}
