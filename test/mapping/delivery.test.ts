import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "@jest/globals";
import fc from "fast-check";
import iconv from "iconv-lite";
import type { ExportFile } from "../../src/mapping/mapped.ts";
import { feedIn, fileOf, type Mapped, mapFiles } from "./map-files.ts";

const night = fileURLToPath(new URL("../../mappings/a-tb/cases/one-night/export", import.meta.url));

// The same rows, without those the case holds to be wrong, as one file a table: header and records (a record may hold line ends).
const tables = readdirSync(night).map((name) => {
  const text = iconv.decode(readFileSync(`${night}/${name}`), "gb18030").trimEnd();
  const [header = "", ...records] = text.split(/\r\n/);
  return { name: name.replace(".csv", ""), header, records: records.filter((record) => !record.startsWith("0001,cut")) };
});

const content = (mapped: Mapped) =>
  mapped.sheets
    .map(({ members, parents, ...sheet }) => ({
      ...sheet,
      parents: parents.map(({ id }) => id).sort(),
      members: members
        .map(({ resource, digest, state }) => JSON.stringify({ resource: inAnyOrder(resource), digest, state }))
        .sort(),
    }))
    .map((sheet) => JSON.stringify(sheet))
    .sort();
const inAnyOrder = (resource: object) =>
  "result" in resource
    ? { ...resource, result: (resource.result as { reference: string }[]).map((one) => one.reference).sort() }
    : resource;

it("the same rows in another order, split into other files, give the same sheets", async () => {
  const feed = await feedIn(fileURLToPath(new URL("../../mappings/a-tb", import.meta.url)));
  const files = (order: (records: string[]) => string[][]): ExportFile[] =>
    tables.flatMap(({ name, header, records }) =>
      order(records).map((part, index) =>
        fileOf(`${name}_${index}.csv`, iconv.encode(`${[header, ...part].join("\r\n")}\r\n`, "gb18030")),
      ),
    );
  const whole = content(
    await mapFiles(
      feed,
      files((records) => [records]),
    ),
  );
  expect(whole.length).toBeGreaterThan(5);
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat()), async (numbers) => {
      const draw = () => numbers.next().value as number;
      const shuffled = files((records) => {
        const parts: string[][] = [[], []];
        for (const record of [...records].map((one) => ({ one, at: draw() })).sort((a, b) => a.at - b.at))
          parts[draw() % 2]?.push(record.one);
        return parts;
      }).sort(() => (draw() % 2 === 0 ? 1 : -1));
      expect([...new Set(content(await mapFiles(feed, shuffled)))]).toEqual([...new Set(whole)]);
    }),
    { numRuns: 25 },
  );
});
