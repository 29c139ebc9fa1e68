import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Feed } from "../../src/mapping/compile-feed.ts";
import { feedIn, type Mapped } from "./map-files.ts";

/** Compiles a feed whose files are written in the test itself: `{ "feed.yaml": …, "tables/sex.csv": … }`. */
export async function writtenFeed(files: Readonly<Record<string, string>>): Promise<Feed> {
  const folder = join(mkdtempSync(join(tmpdir(), "feed-")), "feed");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return feedIn(folder);
}

/** A template that shows the cells of one table as Observations, each column in a note of its own: `column=text`. */
export function showing(table: string, columns: readonly string[], key: readonly string[]): string {
  return [
    `mapping: test/${table}`,
    "version: 1",
    `for: ${table}`,
    `ids: { Observation: { kind: ${table}, key: [${key.join(", ")}] } }`,
    "emit:",
    "  - resourceType: Observation",
    "    status: final",
    "    code: { text: x }",
    "    note:",
    ...columns.map((column) => `      - { text: "{{ '${column}=' & ${column} }}" }`),
  ].join("\n");
}

/** What `showing` shows, sheet by sheet. */
export function shownBy({ sheets }: Pick<Mapped, "sheets">): string[][] {
  return sheets.map(({ members: [head] }) => {
    const resource = head?.resource as { note?: { text: string }[] } | undefined;
    return (resource?.note ?? []).map(({ text }) => text);
  });
}
