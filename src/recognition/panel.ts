import type { Decision, Recognition } from "./decide.ts";

/** What the advice on a panel needs of the policy's entry (组合项目): its members, which of them are its core, and when the whole may be spared. */
export interface AdvisedPanel {
  readonly members: readonly string[];
  /** Members without which the panel is not answered; absent = all. */
  readonly core?: readonly string[] | undefined;
  readonly advice: "all" | "core" | "remaining";
}

/** What to do with a draft order of a panel; every item id stands in exactly one of the two lists, in the panel's order. */
export interface PanelAdvice {
  /** `all`: every member is answered; `core`: its core is, and the policy lets that stand for the whole; `remaining`: order only what is left; `none`: order the panel. */
  readonly advice: "all" | "core" | "remaining" | "none";
  /** Members with a result that must be recognised. */
  readonly recognised: readonly string[];
  /** The other members. */
  readonly remaining: readonly string[];
}

/**
 * Advises on a panel from the decisions on its members. A member counts only by a result that *must* be recognised (国卫医发〔2022〕6号 第十五条); one whose
 * earlier result was critical is examined again, so it never does: nothing critical is recommended. Never splits an order: the doctor confirms what is advised.
 */
export function advisePanel(panel: AdvisedPanel, decisions: ReadonlyMap<string, Decision>): PanelAdvice {
  const members = [...new Set(panel.members)];
  const recognised = members.filter((member) => isAnswered(decisions.get(member)));
  const remaining = members.filter((member) => !recognised.includes(member));
  return { advice: adviceOf(panel, recognised, members), recognised, remaining };
}

function adviceOf(panel: AdvisedPanel, recognised: readonly string[], members: readonly string[]): PanelAdvice["advice"] {
  if (recognised.length === 0) return "none";
  if (recognised.length === members.length) return "all";
  if (panel.advice === "all") return "none";
  if (panel.advice === "remaining") return "remaining";
  const core = panel.core === undefined || panel.core.length === 0 ? members : panel.core;
  return core.every((member) => recognised.includes(member)) ? "core" : "none";
}

/** Something must be recognised and nothing that still counts was critical. */
function isAnswered(decision: Decision | undefined): boolean {
  if (decision === undefined) return false;
  const counts = (one: Recognition) => one.recognition !== "ineligible";
  return (
    decision.others.some((one) => one.recognition === "must") &&
    ![...decision.others, ...decision.own].some((one) => counts(one) && one.prior.critical)
  );
}
