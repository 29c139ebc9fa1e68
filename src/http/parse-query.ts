import { Fault } from "../kernel/fault.ts";

/** What looks like an identity number (18 or 15 characters) or a mobile phone number: never in an address, where logs and proxies keep it. */
const personal = /(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)/;

/** The query of an address: each name once, valid UTF-8, nothing that looks like a person's number. Throws `Fault("request-invalid")`. */
export function parseQuery(url: string): Readonly<Record<string, string>> {
  const start = url.indexOf("?");
  if (start === -1) return {};
  const text = url.slice(start + 1);
  const query: Record<string, string> = Object.create(null);
  for (const pair of text.split("&").filter((one) => one !== "")) {
    const [name, value] = pair.split(/=(.*)/s, 2).map(decode) as [string, string | undefined];
    if (name in query) throw wrong("holds a name twice");
    query[name] = value ?? "";
  }
  if (Object.entries(query).some((pair) => pair.some((part) => personal.test(part)))) {
    throw wrong("holds what looks like a person's number; send it in the body");
  }
  return query;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    throw wrong("is not valid UTF-8");
  }
}

function wrong(reason: string): Fault {
  return new Fault("request-invalid", { problems: [{ field: "query", reason }] });
}
