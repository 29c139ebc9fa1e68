import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { createProfileCheck, type ProfileCheck } from "../../src/fhir/profile-check.ts";
import { digitsOf } from "../../src/kernel/exact-json.ts";
import { feedIn, filesIn, mapFiles, unaccountedRows } from "./map-files.ts";

// Each case: export/ (the files as delivered), expected.json (sheets), report.json (issues and counts).
// UPDATE_CASES=1 writes the expectations anew: read the difference before you commit it.
const mappings = fileURLToPath(new URL("../../mappings/", import.meta.url));
const feeds = readdirSync(mappings).filter((name) => existsSync(`${mappings}${name}/feed.yaml`));
const cases = feeds.flatMap((feed) =>
  readdirSync(`${mappings}${feed}/cases`).map((name) => ({ feed, name, folder: `${mappings}${feed}/cases/${name}` })),
);

let check: ProfileCheck;
beforeAll(async () => {
  check = await createProfileCheck(fileURLToPath(new URL("../../profiles/", import.meta.url)));
});

/** The feed itself, and the others of its family: a template they share is tried once. */
const relatives = (feed: string) => {
  const familyOf = (name: string) => /^extends: (\S+)/m.exec(readFileSync(`${mappings}${name}/feed.yaml`, "utf8"))?.[1];
  return feeds.filter((other) => other === feed || (familyOf(feed) !== undefined && familyOf(other) === familyOf(feed)));
};

describe("mapping cases", () => {
  it.each(cases)("$feed: $name", async ({ feed, folder }) => {
    const { sheets, issues, report, orphans, merges } = await mapFiles(
      await feedIn(`${mappings}${feed}`),
      filesIn(`${folder}/export`),
    );
    const found = {
      "expected.json": pretty(sheets),
      "report.json": pretty({ issues, report, ...filled({ orphans, merges }) }),
    };
    for (const [name, text] of Object.entries(found)) {
      if (process.env.UPDATE_CASES) writeFileSync(`${folder}/${name}`, text);
      expect(text).toBe(readFileSync(`${folder}/${name}`, "utf8"));
    }
    expect(unaccountedRows(report)).toBe(0);
    for (const { resource } of sheets.flatMap((sheet) => sheet.members)) {
      // Ids of the test are longer than FHIR allows.
      expect(check({ ...resource, id: "x" })).toEqual([]);
    }
  });

  it.each(feeds)("%s: every template has a case, in the feed or in another of its family", async (feed) => {
    const used = new Set<string>();
    for (const relative of relatives(feed)) {
      const compiled = await feedIn(`${mappings}${relative}`);
      for (const one of cases.filter((each) => each.feed === relative)) {
        const { sheets, merges } = await mapFiles(compiled, filesIn(`${one.folder}/export`));
        for (const { mapping } of [...sheets, ...merges]) used.add(templateOf(mapping));
      }
    }
    const own = (await feedIn(`${mappings}${feed}`)).templates.map((template) => templateOf(template.mapping));
    expect(own.filter((name) => !used.has(name))).toEqual([]);
  });

  it.each(feeds)("%s: every declared column is read or says why not", async (feed) => {
    expect((await feedIn(`${mappings}${feed}`)).unusedColumns).toEqual([]);
  });
});

/** Those lists that hold something. */
function filled(lists: Record<string, readonly unknown[]>): Record<string, readonly unknown[]> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

/** `report@2` of `a-tb/report@2`. */
function templateOf(mapping: string): string {
  return mapping.slice(mapping.indexOf("/") + 1);
}

/** JSON with exact decimals as they are sent, two blanks deep. */
function pretty(value: unknown): string {
  const marked = JSON.stringify(
    value,
    (_key, inner) =>
      (JSON as unknown as { isRawJSON(v: unknown): boolean }).isRawJSON(inner) ? `#${digitsOf(inner)}#` : inner,
    2,
  );
  return `${marked.replace(/"#([-\d.]+)#"/g, "$1")}\n`;
}
