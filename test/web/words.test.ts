import { describe, expect, it } from "@jest/globals";
import { eventsIn } from "../../src/web/events.ts";
import { trendPath } from "../../src/web/popup/trend-path.ts";
import { leftOf, printed, quoteOf, takenAt } from "../../src/web/popup/words.ts";
import { line } from "./popup-answers.ts";

describe("what a doctor reads", () => {
  it.each([
    [6.9, "剩余 6 天"],
    [1, "剩余 1 天"],
    [0.5, "剩余 12 小时"],
    [0.01, "剩余 1 小时"],
    [0, "已过期限"],
  ])("%p days left is: %s", (days, text) => expect(leftOf(days)).toBe(text));

  it("prints a value as the source did, with its unit, and calls an examination one", () => {
    expect(printed(line({ value: "0.70" }))).toBe("0.70 μmol/L");
    const { value: _, unit: _unit, ...imaging } = line();
    expect(printed(imaging)).toBe("影像检查");
  });

  it("tells when the specimen was taken, and only without it when it was reported", () => {
    expect(takenAt(line())?.label).toBe("采样");
    const { collectedAt: _, ...reported } = line({ reportedAt: "2026-11-18T10:00:00+08:00" });
    expect(takenAt(reported)?.label).toBe("报告");
  });

  it("quotes whose result it is, when it was taken and under which mark, without a name or number of the patient", () => {
    const quote = quoteOf("肌酐", line());
    expect(quote).toMatch(
      /^【外院结果互认】肌酐：86 μmol\/L，参考范围 57-111，临湖省人民医院，采样时间 2026-11-18 \d\d:12，互认标识 临HR。$/,
    );
  });
});

describe("the trend", () => {
  const at = (day: number, value: number) => ({
    ...{ at: `2026-11-0${day}T00:00:00Z`, value, unit: "umol/L", printed: String(value) },
    ...{ source: "a-provincial", evidence: `e${day}` },
  });

  it("joins no values across a change of method, unit or platform", () => {
    const drawn = trendPath([[at(1, 80), at(2, 90)], [at(3, 40)]] as never, { width: 320, height: 88 });
    expect(drawn.lines).toHaveLength(1);
    expect(drawn.points).toHaveLength(3);
  });

  it("runs left to right by time and bottom to top by value, and lays equal values in the middle", () => {
    const [first, second] = trendPath([[at(1, 80), at(3, 90)]] as never, { width: 320, height: 88 }).points;
    expect(first?.x).toBeLessThan(second?.x ?? 0);
    expect(first?.y).toBeGreaterThan(second?.y ?? 0);
    expect(trendPath([[at(1, 80), at(2, 80)]] as never, { width: 320, height: 88 }).points.map((one) => one.y)).toEqual([
      51, 51,
    ]);
  });
});

describe("server-sent events", () => {
  it("come whole, however the line cuts them", () => {
    const [one, two] = ['event: answer\ndata: {"id":"1"}\n\n', 'event: done\ndata: {"check":"1"}\n\n'];
    const cut = eventsIn(one + two.slice(0, 9));
    expect(cut.events).toEqual([{ name: "answer", data: { id: "1" } }]);
    expect(eventsIn(cut.rest + two.slice(9)).events).toEqual([{ name: "done", data: { check: "1" } }]);
  });

  it("a sign of life is no event", () => expect(eventsIn(": still here\n\n").events).toEqual([]));
});
