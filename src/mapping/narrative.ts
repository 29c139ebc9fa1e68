/** Text as the XHTML of a FHIR narrative: escaped, a paragraph a line, nothing else can get in. Characters that XML cannot hold become U+FFFD. */
export function narrativeDiv(text: string): string | undefined {
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length === 0) return undefined;
  const paragraphs = lines.map((line) => `<p>${escapeXml(line)}</p>`).join("");
  return `<div xmlns="http://www.w3.org/1999/xhtml">${paragraphs}</div>`;
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (char) => escapes[char] ?? char);
}
