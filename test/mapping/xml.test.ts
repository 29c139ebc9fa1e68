import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Feed } from "../../src/mapping/compile-feed.ts";
import { fileOf, mapFiles, unaccountedRows } from "./map-files.ts";
import { showing, writtenFeed } from "./written-feed.ts";

let feed: Feed;
beforeAll(async () => {
  feed = await writtenFeed({
    "feed.yaml": `
feed: test
format: xml
encoding: detect
supplier: quality-centre
institution: { always: LHLJZX }
namespaces: { "": urn:hl7-org:v3, x: urn:other }
tables:
  result:
    file: "*.xml"
    rows: /Document/section[code/@code='lab']/entry/result
    columns:
      id: { path: id/@extension, required: true }
      card: { path: "id[@root='card']/@extension" }
      twin: { path: "note[2]" }
      kind: { path: "code[@system='x']/@value" }
      own: { path: text() }
      whole: { path: name }
      foreign: { path: x:name }
      group: { path: ^/title/text() }
      title: { path: /Document/title }
      row: { path: "@row" }
  group:
    file: "*.xml"
    rows: /Document/section[code/@code='lab']/entry
    columns:
      title: { path: title }
`,
    "result.yaml": showing(
      "result",
      ["id", "card", "twin", "kind", "own", "whole", "foreign", "group", "title", "row"],
      ["id"],
    ),
    "group.yaml": showing("group", ["title"], ["title"]),
  });
});

const wrapped = (body: string, more = "") =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${more}<Document xmlns="urn:hl7-org:v3" xmlns:o="urn:other">\n<title>T &amp; U</title>\n${body}\n</Document>`;
const section = (body: string, code = "lab") =>
  `<section><code code="${code}"/><entry>\n<title>G</title>\n${body}\n</entry></section>`;
const result = `<result classCode="OBS"> own <id root="file" extension="1"/><id root="card" extension="2"/><note>a</note><note>b</note>
<code value="n"/><code system="x" value="y"/><name>甲<b>乙</b></name><o:name>f</o:name></result>`;

const map = (content: string | Uint8Array) => mapFiles(feed, [fileOf("a.xml", content)]);
const notesOf = (resource: unknown) => ((resource as { note?: { text: string }[] }).note ?? []).map(({ text }) => text);

describe("an XML file", () => {
  it("is read by paths with predicates, places, namespaces, rows around and the root", async () => {
    const { sheets, issues, report } = await map(wrapped(section(result)));
    expect(issues).toEqual([]);
    const found = sheets.find((sheet) => sheet.mapping.startsWith("test/result"));
    expect(notesOf(found?.members[0]?.resource)).toEqual([
      "id=1",
      "card=2",
      "twin=b",
      "kind=y",
      "own=own",
      "whole=甲乙",
      "foreign=f",
      "group=G",
      "title=T & U",
      "row=a.xml#7",
    ]);
    expect(found?.members[0]?.line).toBe(6);
    expect(unaccountedRows(report)).toBe(0);
  });

  it("tells every attribute and text that nobody reads, also in a section of another kind", async () => {
    const { report } = await map(wrapped(`${section(result)}${section("<result><id extension='9'/></result>", "other")}`));
    expect(report.rows.result).toEqual({ read: 1, mapped: 1, skipped: 0 });
    expect(report.unmappedColumns.map(({ column }) => column)).toEqual([
      "/Document/section/entry/result/id/@root",
      "/Document/section/entry/result/note",
      "/Document/section/entry/result/code/@value",
      "/Document/section/code/@code",
      "/Document/section/entry/title",
      "/Document/section/entry/result/id/@extension",
    ]);
  });

  it("may be in GB18030 when its declaration says so", async () => {
    const { default: iconv } = await import("iconv-lite");
    const gb = iconv.encode(wrapped(section(result)).replace("UTF-8", "GBK"), "gb18030");
    const { sheets } = await map(gb);
    expect(notesOf(sheets.find((sheet) => sheet.mapping.startsWith("test/result"))?.members[0]?.resource)).toContain(
      "whole=甲乙",
    );
  });

  const laughs = `<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;">]>\n`;
  it.each<{ fault: string; content: string; code: string; line: number | undefined; place: string | undefined }>`
    fault                              | content                                     | code           | line         | place
    ${"an element closed wrongly"}     | ${wrapped("<a><b></a></b>")}                | ${"syntax"}    | ${4}         | ${"column 11"}
    ${"a stray ampersand"}             | ${wrapped("<a>x & y</a>")}                  | ${"syntax"}    | ${4}         | ${"column 4"}
    ${"an attribute twice"}            | ${wrapped("<a b='1' b='2'/>")}              | ${"syntax"}    | ${4}         | ${"column 17"}
    ${"a document type"}               | ${wrapped("<a/>", laughs)}                  | ${"syntax"}    | ${2}         | ${"column 52"}
    ${"an entity nobody declared"}     | ${wrapped("<a>&nbsp;</a>")}                 | ${"syntax"}    | ${4}         | ${"column 10"}
    ${"a prefix nobody declared"}      | ${wrapped("<q:a/>")}                        | ${"syntax"}    | ${4}         | ${"column 7"}
    ${"its end cut off"}               | ${wrapped("<a>").slice(0, -11)}             | ${"truncated"} | ${undefined} | ${undefined}
    ${"more after its end"}            | ${`${wrapped("<a/>")}<b/>`}                 | ${"syntax"}    | ${5}         | ${undefined}
    ${"elements nested without bound"} | ${wrapped("<a>".repeat(300))}               | ${"syntax"}    | ${4}         | ${undefined}
    ${"nothing the feed reads"}        | ${wrapped("<a/>")}                          | ${"header"}    | ${2}         | ${"/Document/section[code/@code='lab']/entry/result"}
    ${"another encoding than it says"} | ${wrapped("<a/>").replace("UTF-8", "Big5")} | ${"encoding"}  | ${1}         | ${undefined}
  `("with $fault is refused whole, at its place", async ({ content, code, line, place }) => {
    const { sheets, issues } = await map(content);
    expect(sheets).toEqual([]);
    expect(issues.map((issue) => issue.code)).toEqual([code]);
    if (line !== undefined) expect(issues[0]?.line).toBe(line);
    if (place !== undefined) expect(issues[0]?.field).toBe(place);
  });
});
