import { useMemo, useState } from "react";
import type { PopupCheck, SessionState } from "../../http/contract/web.ts";
import { useSay } from "../look/use-say.ts";
import { Asked } from "./asked.tsx";
import { adoptAll, type Choices, stillThere, tally } from "./choices.ts";
import { FaultReport } from "./fault-report.tsx";
import { OrdersTable } from "./orders-table.tsx";
import { ReportView } from "./report-view.tsx";
import { Revocation } from "./revocation.tsx";
import { groupsOf, type Picked, type Row, recommended } from "./rows.ts";
import { SubmitBar } from "./submit-bar.tsx";
import { useAnswers } from "./use-answers.ts";

interface WorkProps {
  readonly session: SessionState;
  readonly checked: PopupCheck;
  readonly asking: boolean;
  readonly ask: () => Promise<void>;
  readonly over: () => void;
}

/** The answer of the check and what the doctor does with it. */
export function Work({ session, checked, asking, ask, over }: WorkProps) {
  const { answer, reasons } = checked;
  const say = useSay();
  const groups = useMemo(() => groupsOf(answer, session.names), [answer, session.names]);
  const [chosen, setChoices] = useState<Choices>({});
  const choices = useMemo(() => stillThere(chosen, groups), [chosen, groups]);
  const [reading, setReading] = useState<Picked>();
  const [faulty, setFaulty] = useState<Picked>();
  const [revoking, setRevoking] = useState<Row>();
  const { answers, sending, send, quote, reopen } = useAnswers({ session, checked, over, again: ask, say });
  const answered = new Set(Object.keys(answers));
  const open = groups.flatMap((group) => group.rows).filter((row) => !answered.has(row.key) && recommended(row) !== undefined);
  const submit = async () => {
    const left = await send(groups, choices);
    setChoices(left);
  };
  return (
    <>
      <main>
        <Asked answer={answer} groups={groups} asking={asking} ask={ask} />
        <OrdersTable
          {...{ groups, reasons, choices, answers, setChoices, quote }}
          read={setReading}
          fault={setFaulty}
          revoke={setRevoking}
        />
        <p className="note">患者授权范围以外的机构既不列出也不计数，可能另有结果。</p>
        <p className="note">
          判定规则：{answer.policy} · 核对编号 <code>{answer.id}</code>
        </p>
      </main>
      <SubmitBar
        tally={tally(choices, reasons)}
        eligible={open.filter((row) => choices[row.key] === undefined).length}
        sending={sending}
        adoptAll={() => setChoices((now) => adoptAll(groups, now, answered))}
        clear={() => setChoices({})}
        submit={() => void submit()}
      />
      <ReportView session={session} check={answer.id} picked={reading} close={() => setReading(undefined)} over={over} />
      <Revocation {...{ session, over }} check={answer.id} row={revoking} close={() => setRevoking(undefined)} done={reopen} />
      <FaultReport session={session} check={answer.id} picked={faulty} close={() => setFaulty(undefined)} over={over} />
    </>
  );
}
