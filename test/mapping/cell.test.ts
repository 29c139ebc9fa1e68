import { describe, expect, it } from "@jest/globals";
import { horizonAfter, readCell } from "../../src/mapping/cell.ts";
import type { Column } from "../../src/mapping/compiled.ts";

const rules = { absent: new Set(["", "-", "1900-01-01"]), timeZone: "+08:00", horizon: "2026-11-23T14:00:00" };
const column = (type: Column["type"], future = false) => ({ type, future }) as Column;

describe("a cell", () => {
  it.each<{ type: Column["type"]; text: string; value: string | undefined }>`
    type            | text                           | value
    ${"text"}       | ${" 张三 "}                    | ${"张三"}
    ${"text"}       | ${"-"}                         | ${undefined}
    ${"text"}       | ${"\ud800"}                    | ${"bad"}
    ${"text"}       | ${"a\0b"}                      | ${"bad"}
    ${"code"}       | ${"ＡＬＴ"}                    | ${"ALT"}
    ${"date8"}      | ${"20261118"}                  | ${"2026-11-18"}
    ${"date8"}      | ${"20260231"}                  | ${"bad"}
    ${"date8"}      | ${"20261301"}                  | ${"bad"}
    ${"date"}       | ${"2026/11/18 00:00"}          | ${"2026-11-18"}
    ${"date"}       | ${"1900-01-01"}                | ${undefined}
    ${"local_time"} | ${"2026-11-18 08:12:00"}       | ${"2026-11-18T08:12:00+08:00"}
    ${"local_time"} | ${"20261118081200"}            | ${"2026-11-18T08:12:00+08:00"}
    ${"local_time"} | ${"2026111808:12:00"}          | ${"2026-11-18T08:12:00+08:00"}
    ${"local_time"} | ${"2026-11-18T08:12:00Z"}      | ${"2026-11-18T08:12:00+08:00"}
    ${"local_time"} | ${"2026-11-18T00:12:00+00:00"} | ${"2026-11-18T00:12:00+00:00"}
    ${"local_time"} | ${"2026-11-18 08:12"}          | ${"2026-11-18T08:12:00+08:00"}
    ${"local_time"} | ${"2026-11-18 24:12:00"}       | ${"bad"}
    ${"local_time"} | ${"2024-02-29 01:00:00"}       | ${"2024-02-29T01:00:00+08:00"}
    ${"local_time"} | ${"2099-01-01 00:00:00"}       | ${"bad"}
    ${"integer"}    | ${"007"}                       | ${"7"}
    ${"integer"}    | ${"7.5"}                       | ${"bad"}
    ${"decimal"}    | ${"11.30"}                     | ${"11.30"}
    ${"decimal"}    | ${"1e3"}                       | ${"bad"}
  `("$type $text", ({ type, text, value }) => {
    const read = readCell(text, column(type), rules);
    expect(typeof read === "object" ? "bad" : read).toBe(value);
  });

  it("may lie in the future where the column says so", () => {
    expect(readCell("2099-01-01", column("date", true), rules)).toBe("2099-01-01");
  });

  it("counts as future from a day after now, by the clock of the feed", () => {
    expect(horizonAfter(new Date("2026-11-22T06:00:00Z"), 24, "+08:00")).toBe("2026-11-23T14:00:00");
  });
});
