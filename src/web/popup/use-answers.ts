import { useState } from "react";
import type { OutcomesAnswer } from "../../http/contract/recognition-outcome.ts";
import type { PageOutcomes, PageUses, PopupCheck, SessionState } from "../../http/contract/web.ts";
import { call } from "../call.ts";
import { copy } from "../look/copy.ts";
import type { Say } from "../look/use-say.ts";
import type { Choices } from "./choices.ts";
import { type Group, namedAs, type Row } from "./rows.ts";
import { type Given, outcomesOf, settle, whyNot } from "./settle.ts";
import { quoteOf } from "./words.ts";

interface AnswersOptions {
  readonly session: SessionState;
  readonly checked: PopupCheck;
  readonly over: () => void;
  readonly again: () => Promise<void>;
  readonly say: Say;
}

/** What is answered already, and sending what was chosen. */
export function useAnswers({ session, checked, over, again, say }: AnswersOptions) {
  const [sent, setSent] = useState<Readonly<Record<string, Given>>>({});
  const [sending, setSending] = useState(false);
  const before = Object.fromEntries(checked.given.map((one) => [`${one.order}/${one.item}`, one] as const));
  const answers = { ...before, ...sent };
  const check = checked.answer.id;

  /** Sends the choices; gives back those that were not taken, each with its reason told. */
  async function send(groups: readonly Group[], choices: Choices): Promise<Choices> {
    setSending(true);
    const rows = groups.flatMap((group) => group.rows);
    // The button that sends a refusal says that the patient was told why: by whom and when is this doctor, now.
    const body: PageOutcomes = { check, outcomes: outcomesOf(rows, choices), explained: {} };
    const answer = await call<OutcomesAnswer>("POST", `/web/sessions/${session.id}/outcomes`, body);
    setSending(false);
    if (answer.kind === "failed") {
      if (answer.failure.kind === "over") over();
      else say.bad("没有提交成功，所选内容仍保留，请重试");
      return choices;
    }
    const settled = settle(rows, choices, answer.value);
    setSent((now) => ({ ...now, ...settled.given }));
    for (const { name, state, why } of settled.refused) say.bad(`${name}：${whyNot(state, why)}`);
    const taken = Object.keys(settled.given).length;
    if (taken > 0) say.good(`已记录 ${taken} 项`);
    return settled.left;
  }

  /** Copies the sentence for the record, and lets the platform know that it was quoted (引用). */
  async function quote(row: Row): Promise<void> {
    const evidence = answers[row.key]?.evidence;
    const line = row.result.lines.find((one) => one.evidence === evidence);
    if (line === undefined || evidence === undefined) return;
    if (!(await copy(quoteOf(row.name, line)))) return say.bad("浏览器不允许复制，请手工摘录");
    const body: PageUses = { check, results: [{ ...namedAs(row), evidence }] };
    const told = await call("POST", `/web/sessions/${session.id}/references`, body);
    if (told.kind === "ok") say.good("已复制，可粘贴到病历");
    else say.bad("已复制，但引用没有记录成功");
  }

  /** An answer was taken back: the order is open again, whoever gave the answer and wherever. */
  function reopen(row: Row): void {
    setSent(({ [row.key]: _, ...rest }) => rest);
    void again();
  }

  return { answers, sending, send, quote, reopen };
}
