import { daysBetween } from "../../kernel/clock.ts";
import { holds, ineligible, type RecognitionRule } from "./rule.ts";

// A clock that runs a little ahead is no forgery.
const clockSkewDays = 10 / 1440;

/** Days are continuous 24-hour periods, the end included, counted from the anchor of the item's window. */
export const withinWindow: RecognitionRule = {
  id: "within-window",
  question: "Is the result still inside the item's window, counted from the specimen or the examination?",
  law: "国卫医政发〔2024〕37号（参考时限）",
  own: true,
  required: true,
  causes: ["no-window", "undated", "dated-in-future", "out-of-window"],
  judge({ window, anchor, now }) {
    if (window === undefined) return ineligible("no-window");
    if (anchor === undefined) return ineligible("undated");
    const ageDays = daysBetween(anchor, now);
    if (ageDays < -clockSkewDays) return ineligible("dated-in-future");
    if (ageDays > window.days) return ineligible("out-of-window", { ageDays: Math.ceil(ageDays), windowDays: window.days });
    const daysLeft = Math.floor(window.days - Math.max(0, ageDays));
    return {
      ...holds,
      daysLeft,
      notes: window.provisional ? [{ code: "window-provisional", facts: { windowDays: window.days } }] : [],
    };
  },
};
