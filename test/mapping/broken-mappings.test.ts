import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { compileFeed } from "../../src/mapping/compile-feed.ts";
import { mappingFolder } from "./mapping-folder.ts";

const county = fileURLToPath(new URL("county-a/", import.meta.url));
const names = ["feed.yaml", "report.yaml", "tables/lab-item.csv", "tables/row-state.csv", "tables/lis-flag.csv"] as const;
const texts = Object.fromEntries(names.map((name) => [`county-a/${name}`, readFileSync(`${county}${name}`, "utf8")]));
// What slips of the hand leave behind: brackets, quotation marks, directives, YAML's own signs.
const slips = "{ } [ ] : - \t \" ' {{ }} $each $ref $let null 1 % ( ) . &a *a !!x | # , é 检 ~ ? ; ` \\".split(" ");

const slip = fc.record({
  file: fc.constantFrom(...names),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  drop: fc.nat(12),
  put: fc.constantFrom("", "\n", "  ", ...slips),
});

describe("a mapping with slips of the hand in it", () => {
  it("is compiled or told with file, line and reason; it never brings the compiler down", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(slip, { minLength: 1, maxLength: 3 }), async (edits) => {
        const broken = { ...texts };
        for (const { file, at, drop, put } of edits) {
          const text = broken[`county-a/${file}`] ?? "";
          const place = Math.floor(at * text.length);
          broken[`county-a/${file}`] = text.slice(0, place) + put + text.slice(place + drop);
        }
        const outcome = await compileFeed(await mappingFolder("county-a", broken));
        const problems = outcome.kind === "wrong" ? outcome.problems : [{ file: "feed.yaml", line: 1, reason: "compiles" }];
        expect(problems.length).toBeGreaterThan(0);
        for (const { file, line, reason } of problems) {
          expect([...names]).toContain(file);
          expect(line).toBeGreaterThan(0);
          expect(reason).not.toMatch(/undefined|\[object|Cannot read prop|NaN|^\s*$/);
        }
      }),
      { numRuns: 120, seed: 4 },
    );
  });
});
