import { SaxesParser, type SaxesTagNS } from "saxes";
import type { WrongFile } from "./source-row.ts";

/** An attribute; `read` says that some column took it. */
export interface XmlAttribute {
  readonly local: string;
  readonly uri: string;
  readonly value: string;
  read: boolean;
}

/** An element with its place in the file; `read` says that some column took its own text. */
export interface XmlElement {
  readonly local: string;
  readonly uri: string;
  /** In the order of the document, from 1. */
  readonly number: number;
  readonly line: number;
  readonly attributes: readonly XmlAttribute[];
  readonly parent: XmlElement | undefined;
  readonly content: (XmlElement | string)[];
  read: boolean;
}

/** Builds the tree of one document out of its text, piece by piece. */
export interface XmlBuilder {
  write(text: string): void;
  /** What is wrong with the text so far. */
  wrong(): WrongFile | undefined;
  /** The root element, or why there is none. */
  end(): XmlElement | WrongFile;
}

const deepest = 200;
const mostElements = 1_000_000;

/**
 * A builder that takes well-formed XML 1.0 with namespaces and nothing else: a DOCTYPE is refused, so that no entity can be declared (billion laughs,
 * files of our own read in); depth and number of elements are bounded. Reasons name the place, never the content.
 */
export function createXmlBuilder(): XmlBuilder {
  const parser = new SaxesParser({ xmlns: true, position: true });
  let problem: WrongFile | undefined;
  let root: XmlElement | undefined;
  let open: XmlElement | undefined;
  let [depth, count, line] = [0, 0, 1];
  let tail = "";
  let good = { line: 1, column: 0 };
  const refuse = (reason: string, code: WrongFile["code"] = "syntax"): void => {
    problem ??= { code, line: parser.line, field: `column ${parser.column + 1}`, reason };
  };

  parser.on("error", (error) => {
    const [what = ""] = error.message.replace(/^\d+:\d+: /, "").split(/[:.]/);
    if (!what.startsWith("unclosed tag")) refuse(`the file is not well-formed XML: ${what}`);
    else if (root === undefined || !new RegExp(`</\\S*${root.local}\\s*>\\s*$`).test(tail))
      refuse("the file is not XML: it ends inside an element: it was cut off", "truncated");
    else {
      // The parser reads on for the end of an entity or a comment up to the end of the file.
      const reason =
        "the file is not well-formed XML: after this a stray & (write &amp;) or < stands, or an element is never closed";
      problem ??= { code: "syntax", line: good.line, field: `column ${good.column + 1}`, reason };
    }
  });
  parser.on("doctype", () =>
    refuse("the file declares a document type (DOCTYPE), which could make it read other files: write it without"),
  );
  parser.on("opentagstart", () => {
    line = parser.line;
  });
  parser.on("opentag", (tag) => {
    if (++depth > deepest) refuse(`the elements are nested deeper than ${deepest}`);
    if (++count > mostElements) refuse(`the file has more than ${mostElements} elements; deliver smaller files`);
    if (problem !== undefined) return;
    const element = elementOf(tag, { number: count, line, parent: open });
    open?.content.push(element);
    root ??= element;
    open = element;
    good = { line: parser.line, column: parser.column };
  });
  const addText = (text: string): void => void (problem === undefined && open?.content.push(text));
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    depth--;
    open = open?.parent;
    good = { line: parser.line, column: parser.column };
  });

  return {
    write(text) {
      if (problem !== undefined) return;
      tail = text.slice(-200);
      parser.write(text);
    },
    wrong: () => problem,
    end() {
      if (problem === undefined) parser.close();
      return problem ?? root ?? { code: "empty-file", reason: "the file holds no element" };
    },
  };
}

function elementOf(tag: SaxesTagNS, place: Pick<XmlElement, "number" | "line" | "parent">): XmlElement {
  const attributes = Object.values(tag.attributes)
    .filter(({ uri }) => uri !== "http://www.w3.org/2000/xmlns/")
    .map(({ local, uri, value }) => ({ local, uri, value, read: false }));
  return { local: tag.local, uri: tag.uri, attributes, content: [], read: false, ...place };
}

/** The elements directly in an element. */
export function childrenOf(element: XmlElement): XmlElement[] {
  return element.content.filter((part) => typeof part !== "string");
}

/** The text directly in an element, trimmed. */
export function ownText(element: XmlElement): string {
  return element.content
    .filter((part) => typeof part === "string")
    .join("")
    .trim();
}
