import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { mapExport } from "../../src/mapping/map-export.ts";
import { createSeenRows } from "../../src/mapping/seen-rows.ts";
import { sortOnDisk } from "../../src/mapping/sorted-records.ts";
import { openSpillFile, textsOf } from "../../src/mapping/spill-file.ts";
import { feedIn, fileOf, filesIn, mapFiles, testDeps, unaccountedRows } from "./map-files.ts";

const mappings = fileURLToPath(new URL("../../mappings/", import.meta.url));
const cases = readdirSync(mappings)
  .filter((name) => existsSync(`${mappings}${name}/feed.yaml`))
  .flatMap((feed) => readdirSync(`${mappings}${feed}/cases`).map((name) => ({ feed, name })));

let spillDir: string;
beforeEach(() => {
  spillDir = mkdtempSync(join(tmpdir(), "spill-test-"));
});
afterEach(() => rmSync(spillDir, { recursive: true, force: true }));

describe("rows that do not fit into memory", () => {
  it.each(cases)("of $feed, $name, give the same sheets, issues and counts through the disk", async ({ feed, name }) => {
    const compiled = await feedIn(`${mappings}${feed}`);
    const files = filesIn(`${mappings}${feed}/cases/${name}/export`);
    const whole = await mapFiles(compiled, files);
    for (const memoryRows of [1, 2, 7]) {
      const spilled = await mapFiles(compiled, files, testDeps, { spillDir, memoryRows });
      expect(spilled.sheets).toEqual(whole.sheets);
      expect(inOrder(spilled.issues)).toEqual(inOrder(whole.issues));
      expect(inOrder(spilled.orphans)).toEqual(inOrder(whole.orphans));
      expect(spilled.report).toEqual(whole.report);
      expect(unaccountedRows(spilled.report)).toBe(0);
    }
  });

  it("leave nothing on disk by name, neither while they wait nor when nobody reads on", async () => {
    const feed = await feedIn(`${mappings}a-tb`);
    const files = filesIn(`${mappings}a-tb/cases/one-night/export`);
    const { events } = mapExport(feed, files, testDeps, { spillDir, memoryRows: 1 });
    for await (const event of events) {
      expect(readdirSync(spillDir)).toEqual([]);
      if (event.kind === "sheet") break;
    }
    expect(readdirSync(spillDir)).toEqual([]);
  });

  it("are not to be read in the file that holds them", () => {
    const file = openSpillFile(spillDir);
    file.append(Buffer.from("张三,991234199001011234"));
    file.flush();
    const open = readdirSync("/proc/self/fd").find((fd) => isSpill(`/proc/self/fd/${fd}`));
    const bytes = readFileSync(`/proc/self/fd/${open}`).toString("latin1");
    expect(bytes.length).toBeGreaterThan(20);
    expect(bytes).not.toContain("991234");
    expect(textsOf(file.read(0))).toEqual(["张三,991234199001011234"]);
    file.close();
  });
});

it("sorting on disk finds the records of each key in the order in which they were added, however many runs there are", async () => {
  const record = fc.tuple(
    fc.constantFrom("a", "b", "bb", "c", "d"),
    fc.string({ maxLength: 400 }),
    fc.constantFrom(1, 1, 1, 5_000),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 300 }), async (given) => {
      const records = sortOnDisk(spillDir);
      const printed = given.map(([key, text, times]) => [key, JSON.stringify(text.repeat(times))] as const);
      for (const [key, text] of printed) records.add(key, text);
      await records.merge();
      for (const key of ["a", "b", "bb", "c", "d", "none"])
        expect(records.of(key)).toEqual(printed.flatMap(([own, text]) => (own === key ? [text] : [])));
      expect([...records.all()].sort()).toEqual(printed.map(([, text]) => text).sort());
      records.close();
    }),
    { numRuns: 30 },
  );
});

it("of a long file exactly the later of two identical rows is a duplicate", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 120 }),
      fc.integer({ min: 1, max: 20 }),
      (numbers, memoryRows) => {
        const seen = createSeenRows<never>({ folder: spillDir, memoryRows, memoryChars: 1e6 });
        const duplicates = new Set<number>();
        const settle = () => {
          for (const { row, seen: before } of seen.settle()) if (before) duplicates.add((row as { at: number }).at);
        };
        for (const [at, number] of numbers.entries()) {
          if (seen.see({ digest: `h${number}`, at } as never) === "seen") duplicates.add(at);
          if (seen.full()) settle();
        }
        settle();
        seen.close();
        expect([...duplicates].sort((a, b) => a - b)).toEqual(
          numbers.flatMap((number, at) => (numbers.indexOf(number) < at ? [at] : [])),
        );
      },
    ),
    { numRuns: 60 },
  );
});

it("only the rows asked for are mapped and counted, and each is shown as it was read", async () => {
  const feed = await feedIn(`${mappings}quality-certificates`);
  const [file = fileOf("", "")] = filesIn(`${mappings}quality-certificates/cases/one-list/export`);
  const all = await mapFiles(feed, [file]);
  const wanted = all.sheets[1]?.members[0]?.line ?? 0;
  const shown: number[] = [];
  const some = await mapFiles(feed, [file], testDeps, {
    only: (_name, line) => line === wanted,
    observe: (row) => shown.push(row.line),
  });
  expect(some.sheets).toEqual([all.sheets[1]]);
  expect(some.report.rows).toEqual({ certificate: { read: 1, mapped: 1, skipped: 0 } });
  expect(shown).toEqual([wanted]);
});

function inOrder<T>(list: readonly T[]): string[] {
  return list.map((one) => JSON.stringify(one)).sort();
}

function isSpill(path: string): boolean {
  try {
    return readlinkSync(path).startsWith(`${spillDir}/`);
  } catch {
    return false; // the listing's own
  }
}
