/** Why a text is no FHIRPath, from what the parser threw; `columns` are the names that may have needed backticks. */
export function explainSyntax(error: unknown, text: string, columns: Iterable<string>): string {
  const plain = text.replace(/'(?:[^'\\]|\\.)*'|`[^`]*`/g, "''");
  const bare = [...columns].find((name) => isWordOrForeign(name) && occursIn(plain, name));
  if (bare !== undefined) return `is not FHIRPath: the column ${bare} is written in backticks: \`${bare}\``;
  const [first = ""] = String((error as Error).message).split("\n");
  const place = /column: (\d+); message: (.*?)(?: expecting .*)?$/.exec(first);
  if (place === null) return `is not FHIRPath: ${text} cannot be read`;
  const said = (place[2] ?? "").replaceAll("'<EOF>'", "the end");
  const words = parserWords.reduce((sentence, [pattern, plain]) => sentence.replace(pattern, plain), said);
  return `is not FHIRPath: ${words} (character ${Number(place[1]) + 1})`;
}

// What the parser says, in words for someone who does not know its insides.
const parserWords: readonly (readonly [RegExp, string])[] = [
  [/^extraneous input (.*)$/, "$1 is too much"],
  [/^mismatched input (.*)$/, "$1 does not fit here"],
  [/^no viable alternative at input (.*)$/, "$1 does not fit here"],
  [/^token recognition error at: (.*)$/, "$1 means nothing here"],
  [/^missing (.*) at (.*)$/, "$1 is missing before $2"],
];

/** Names that FHIRPath does not take as they are: its own words, and those that are not Latin letters, digits and underscores. */
function isWordOrForeign(name: string): boolean {
  return !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || keywords.has(name);
}

const keywords = new Set(
  "and as contains day days div false hour hours implies in is millisecond minute minutes mod month months or second seconds true week weeks xor year years".split(
    " ",
  ),
);

function occursIn(text: string, name: string): boolean {
  const at = text.indexOf(name);
  const letter = /[\p{L}\p{N}_]/u;
  return at >= 0 && !letter.test(text[at - 1] ?? " ") && !letter.test(text[at + name.length] ?? " ");
}
