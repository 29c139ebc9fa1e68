/** The delimiters a message declares in MSH-1 and MSH-2. */
export interface Hl7Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
}

/**
 * Resolves HL7 v2 escapes (v2.5 §2.7) in one component, after the split: `\F\ \S\ \T\ \R\ \E\`, `\.br\` and `\X..\` (bytes in `decode`'s character set).
 * Formatting commands are dropped; an unknown sequence stays as it is.
 */
export function unescapeHl7(text: string, delimiters: Hl7Delimiters, decode: (bytes: Uint8Array) => string): string {
  const mark = delimiters.escape;
  if (mark === "" || !text.includes(mark)) return text;
  let out = "";
  let at = 0;
  for (;;) {
    const open = text.indexOf(mark, at);
    const close = open < 0 ? -1 : text.indexOf(mark, open + mark.length);
    if (close < 0) return out + text.slice(at);
    const body = text.slice(open + mark.length, close);
    const meaning = meaningOf(body, delimiters, decode);
    out += text.slice(at, open) + (meaning ?? mark + body);
    at = meaning === undefined ? close : close + mark.length; // the closing mark of an unknown sequence may open the next one
  }
}

function meaningOf(body: string, delimiters: Hl7Delimiters, decode: (bytes: Uint8Array) => string): string | undefined {
  const single: Readonly<Record<string, string>> = {
    F: delimiters.field,
    S: delimiters.component,
    T: delimiters.subcomponent,
    R: delimiters.repetition,
    E: delimiters.escape,
    ".br": "\n",
    H: "",
    N: "",
  };
  if (Object.hasOwn(single, body)) return single[body];
  if (/^\.(sp\d*|in[+-]?\d+|ti[+-]?\d+|fi|nf|ce|sk\d*)$/.test(body)) return body.startsWith(".s") ? " " : "";
  if (/^X([0-9A-Fa-f]{2})+$/.test(body)) return decode(Buffer.from(body.slice(1), "hex"));
  return undefined;
}
