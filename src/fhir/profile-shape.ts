/** JSON with raw numbers; TypeScript's library does not know them yet. */
const json = JSON as unknown as { isRawJSON(value: unknown): value is { readonly rawJSON: string } };

/** Names whose texts no rule compares with anything: R4 knows them as string or markdown only. Tested against R4 and our profiles. */
export const plainTexts: ReadonlySet<string> = new Set([
  ...["text", "family", "given", "line", "city", "district", "postalCode", "valueString"],
  ...["conclusion", "description", "title", "comment", "patientInstruction", "lotNumber"],
]);

/** Names of dates and times that no rule compares; those of a Period, of which one does, are looked at together. */
const moments: ReadonlySet<string> = new Set([
  ...[
    "effectiveDateTime",
    "issued",
    "birthDate",
    "collectedDateTime",
    "receivedTime",
    "recordedDate",
    "recorded",
    "authoredOn",
  ],
  ...["onsetDateTime", "performedDateTime", "occurrenceDateTime", "occurredDateTime", "date", "started", "lastUpdated", "time"],
  ...["valueDateTime", "valueInstant", "valueDate", "deceasedDateTime", "expirationDate", "lastOccurrence"],
]);

/** Quantities whose number no rule compares, by the name of their element, and by that of the element around it where it must be known. */
const plainQuantities: ReadonlySet<string> = new Set(["valueQuantity", "referenceRange.low", "referenceRange.high"]);

const literalReference = /^([A-Z][A-Za-z]{2,60})\/[A-Za-z0-9\-.]{1,64}$/;
const plainId = /^[A-Za-z0-9\-.]{1,64}$/;
const plainText = /^[\r\n\t\u0020-\uFFFF]+$/;
const plainDecimal = /^-?\d{1,15}(\.\d{1,15})?$/;
const day = /^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const moment = /^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d([+-](0\d|1[0-3]):[0-5]\d)$/;
const longestText = 1024 * 1024;

/** Where a value stands: its name and those of the two elements around it (a list is no element). */
interface Place {
  readonly name: string;
  readonly parent: string;
  readonly grandparent: string;
  readonly siblings: Readonly<Record<string, unknown>>;
}

/**
 * All that the check of a resource looks at, as one text: two resources of one shape pass or fail alike. Names, lists and values stand in it whole, but
 * for values of which only a kind is looked at (any text, any day of the calendar, a literal reference to a type) and that are of that kind: of these
 * the kind. Undefined when the resource holds something that is no JSON.
 */
export function shapeOf(resource: object): string | undefined {
  const out: string[] = [];
  return objectShape(resource as Record<string, unknown>, "", "", out) ? out.join("") : undefined;
}

function objectShape(value: Readonly<Record<string, unknown>>, parent: string, grandparent: string, out: string[]): boolean {
  if (typeof value.toJSON === "function") return false;
  out.push("{");
  for (const name of Object.keys(value)) {
    const inner = value[name];
    if (inner === undefined) continue; // is not sent
    out.push(String(name.length), ":", name);
    if (!valueShape(inner, { name, parent, grandparent, siblings: value }, out)) return false;
  }
  out.push("}");
  return true;
}

function valueShape(value: unknown, place: Place, out: string[]): boolean {
  if (typeof value === "string") out.push(textKind(value, place) ?? `s${value.length}:${value}`);
  else if (typeof value === "number") out.push(numberShape(String(value), place));
  else if (typeof value === "boolean" || value === null) out.push(`${value};`);
  else if (typeof value !== "object") return false;
  else if (Array.isArray(value)) {
    out.push("[");
    for (const one of value) if (one === undefined || Array.isArray(one) || !valueShape(one, place, out)) return false;
    out.push("]");
  } else if (json.isRawJSON(value)) out.push(numberShape(value.rawJSON, place));
  else return objectShape(value as Record<string, unknown>, place.name, place.parent, out);
  return true;
}

function numberShape(digits: string, { name, parent, grandparent }: Place): string {
  const free = name === "value" && (plainQuantities.has(parent) || plainQuantities.has(`${grandparent}.${parent}`));
  return free && plainDecimal.test(digits) ? "N" : `n${digits};`;
}

/** The kind of a text of which no more is looked at; undefined when it counts as it stands. */
function textKind(text: string, place: Place): string | undefined {
  const { name, parent, siblings } = place;
  if (name === "reference") {
    const type = literalReference.exec(text)?.[1];
    return type === undefined ? undefined : `R${type};`;
  }
  if (name === "id") return parent === "" && plainId.test(text) ? "I" : undefined;
  if (moments.has(name)) return momentKind(text);
  if (name === "start" || name === "end") return periodKind(name, text, siblings);
  const isPlain =
    plainTexts.has(name) ||
    (name === "value" && parent === "identifier") ||
    (name === "display" && typeof siblings.reference === "string");
  if (!isPlain || text.length > longestText || !plainText.test(text) || text.trim() === "") return undefined;
  // Whether there are blanks is all that tells the formats of texts apart (code, uri, string).
  return /^\S+$/.test(text) ? "W" : /^\S+( \S+)*$/.test(text) ? "V" : "X";
}

function momentKind(text: string): string | undefined {
  const found = day.test(text) ? "D" : moment.test(text) ? "T" : undefined;
  if (found === undefined) return undefined;
  // The 29th and later do not stand in every month.
  const [year, month, dayOfMonth] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  return dayOfMonth < 29 || dayOfMonth <= new Date(Date.UTC(year, month, 0)).getUTCDate() ? found : undefined;
}

/** A Period must not end before it starts: where both stand, they count as in order only if text tells it (one precision, one zone). */
function periodKind(name: "start" | "end", text: string, siblings: Place["siblings"]): string | undefined {
  const kind = momentKind(text);
  const other = siblings[name === "start" ? "end" : "start"];
  if (kind === undefined || other === undefined) return kind;
  if (typeof other !== "string" || momentKind(other) !== kind || other.slice(19) !== text.slice(19)) return undefined;
  const inOrder = name === "start" ? text <= other : other <= text;
  return inOrder ? `${kind}<` : undefined;
}
