/** Markup, made only by `html` and `trusted`: everything else is escaped before it stands in a page. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** A template tag: values are escaped unless they are Markup or lists of it; undefined and false put in nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly unknown[]): Markup {
  return new Markup(parts.map((part, at) => part + inner(values[at])).join(""));
}

/** Text of our own (the page's style and script) as it stands. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function inner(value: unknown): string {
  if (value === undefined || value === false || value === null) return "";
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(inner).join("");
  return String(value).replace(/[&<>"']/g, (sign) => entities[sign] ?? "");
}
