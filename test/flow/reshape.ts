import { parse } from "csv-parse/sync";
import type { SampleExport, SampleFile } from "../../scripts/sample/events.ts";
import { csvText, gb18030, type Row } from "../../scripts/sample/export-files.ts";
import { type Random, seededRandom } from "../../scripts/sample/random.ts";

const pieces = 3;

/** The same rows in another order, split into other files: an export that brings nothing new. C's messages: many in one export. */
export function reshaped(exports: readonly SampleExport[], seed: string): SampleExport[] {
  const random = seededRandom(seed);
  const byFeed = Map.groupBy(exports, (one) => one.feed);
  return [...byFeed].flatMap(([feed, some]) => {
    if (feed === "c-adt" || feed === "c-lis") return bundled(feed, shuffled(random, some));
    const reshape = feed === "b-snake" ? splitJson : splitCsv;
    return shuffled(random, some).map((one) => ({
      ...one,
      files: shuffled(
        random,
        one.files.flatMap((file) => reshape(file, random)),
      ),
    }));
  });
}

/** An export of A with every row of one table changed. */
export function rewritten(made: SampleExport, table: string, change: (row: Row) => Row): SampleExport {
  const files = made.files.map((file) => {
    if (!file.name.startsWith(table)) return file;
    const columns = textOf(file).split("\r\n")[0]?.split(",") ?? [];
    return { ...file, bytes: gb18030(csvText(columns, rowsOf(file).map(change))) };
  });
  return { ...made, files };
}

/** The rows of a CSV file, whatever its encoding. */
export function rowsOf(file: SampleFile): Row[] {
  return parse(textOf(file), { columns: true, bom: true }) as Row[];
}

/** A file's text: UTF-8 where it says or shows so, else GB18030. */
export function textOf({ bytes }: SampleFile): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030", { fatal: true }).decode(bytes);
  }
}

function splitCsv(file: SampleFile, random: Random): SampleFile[] {
  const [header = ""] = textOf(file).split(/\r?\n/, 1);
  const columns = header.split(",");
  return dealt(shuffled(random, rowsOf(file))).map((rows, at) => ({
    name: file.name.replace(".csv", `_${at}.csv`),
    // The same text in the other encoding is the same row.
    bytes:
      at === 1 && file.name.startsWith("TB_")
        ? Buffer.from(`\uFEFF${csvText(columns, rows)}`)
        : gb18030OrUtf8(file, csvText(columns, rows)),
  }));
}

function gb18030OrUtf8(file: SampleFile, text: string): Buffer {
  return file.name.startsWith("TB_") ? gb18030(text) : Buffer.from(text);
}

function splitJson(file: SampleFile, random: Random): SampleFile[] {
  const { T_PATIENT, T_VISIT, T_TEST_REC, T_CHECK_REC, ...head } = JSON.parse(textOf(file));
  const tables = Object.entries({ T_PATIENT, T_VISIT, T_TEST_REC, T_CHECK_REC }).map(
    ([name, records]) => [name, dealt(shuffled(random, records as unknown[]))] as const,
  );
  return Array.from({ length: pieces }, (_, at) => ({
    name: file.name.replace(".json", `_${at}.json`),
    bytes: Buffer.from(
      JSON.stringify({ ...head, ...Object.fromEntries(tables.map(([name, parts]) => [name, parts[at] ?? []])) }),
    ),
  }));
}

function bundled(feed: SampleExport["feed"], messages: readonly SampleExport[]): SampleExport[] {
  return dealt(messages).map((some, at) => ({ feed, name: `bundle-${at}`, files: some.flatMap((one) => one.files) }));
}

function dealt<T>(list: readonly T[]): T[][] {
  return Array.from({ length: pieces }, (_, at) => list.filter((_item, index) => index % pieces === at)).filter(
    (part) => part.length > 0,
  );
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const result = [...list];
  for (let at = result.length - 1; at > 0; at--) {
    const other = random.int(0, at);
    [result[at], result[other]] = [result[other] as T, result[at] as T];
  }
  return result;
}
