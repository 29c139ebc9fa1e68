import type { OutcomesAnswer } from "../../http/contract/recognition-outcome.ts";
import type { PageOutcomes } from "../../http/contract/web.ts";
import type { Choices } from "./choices.ts";
import { namedAs, type Row } from "./rows.ts";

/** What stands for an order. */
export interface Given {
  readonly state: "adopted" | "declined" | "superseded";
  readonly reason?: string;
  readonly evidence?: string;
}

type Outcomes = PageOutcomes["outcomes"];

/** The choices as the platform takes them. */
export function outcomesOf(rows: readonly Row[], choices: Choices): Outcomes {
  return rows.flatMap((row): Outcomes => {
    const choice = choices[row.key];
    if (choice === undefined) return [];
    const about = namedAs(row);
    if (choice.kind === "adopt") return [{ ...about, outcome: "adopted", evidence: choice.evidence }];
    const text = choice.text?.trim();
    if (choice.reason === undefined) return [];
    return [{ ...about, outcome: "declined", reason: choice.reason, ...(text ? { text } : {}) }];
  });
}

/** What was taken, what was not and why, and the choices that are left to be sent. */
export function settle(rows: readonly Row[], choices: Choices, recorded: OutcomesAnswer) {
  const given: Record<string, Given> = {};
  const refused: { name: string; state: string; why?: string }[] = [];
  for (const { order, item, state, why } of recorded.answers) {
    const row = rows.find((one) => one.order === order && one.item === item);
    const choice = row === undefined ? undefined : choices[row.key];
    if (row === undefined || choice === undefined) continue;
    if (state !== "recorded" && state !== "same") {
      refused.push({ name: row.name, state, ...(why === undefined ? {} : { why }) });
    } else if (choice.kind === "adopt") {
      given[row.key] = { state: "adopted", evidence: choice.evidence };
    } else {
      given[row.key] = { state: "declined", ...(choice.reason === undefined ? {} : { reason: choice.reason }) };
    }
  }
  const left = Object.fromEntries(Object.entries(choices).filter(([key]) => given[key] === undefined));
  return { given, refused, left };
}

const states: Readonly<Record<string, string>> = {
  conflict: "已有其他处理意见，以首次有效意见为准",
  changed: "该结果已被来源机构修改，请重新查询后再处理",
  "not-permitted": "患者的授权已不允许查看该结果",
  "too-late": "已超过处理时限，请重新查询",
  unavailable: "来源机构暂时没有应答，请稍后再提交",
  "unknown-order": "本次核对没有该项目的提醒，请重新查询",
};

const faults: Readonly<Record<string, string>> = {
  "text-missing": "请填写具体情形",
  "text-too-long": "具体情形超过 600 字",
  "evidence-not-recognisable": "该结果不符合互认条件",
};

/** Why an answer was not taken, as a doctor reads it. */
export function whyNot(state: string, why: string | undefined): string {
  return states[state] ?? faults[why ?? ""] ?? "没有被接受，请重新查询后再处理";
}
