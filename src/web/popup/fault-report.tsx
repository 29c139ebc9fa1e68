import { Button, Input } from "antd";
import { useId, useState } from "react";
import type { PageFaults, SessionState } from "../../http/contract/web.ts";
import { call } from "../call.ts";
import { Sheet } from "../look/sheet.tsx";
import { useSay } from "../look/use-say.ts";
import { namedAs, type Picked } from "./rows.ts";

type Fault = PageFaults["results"][number]["fault"];

const faults: readonly (readonly [Fault, string])[] = [
  ["wrong-value", "结果有误"],
  ["incomplete-report", "报告不完整"],
  ["images-unreadable", "影像无法调阅"],
  ["wrong-mark", "互认标识有误"],
  ["wrong-person", "不是本人的结果"],
  ["other", "其他"],
];

interface FaultReportProps {
  readonly session: SessionState;
  readonly check: string;
  readonly picked: Picked | undefined;
  readonly close: () => void;
  readonly over: () => void;
}

/** Tells the source that a result of theirs looks wrong (异常反馈). */
export function FaultReport({ picked, close, ...more }: FaultReportProps) {
  return (
    <Sheet open={picked !== undefined} title={`异常反馈：${picked?.row.name ?? ""}`} close={close} place="middle">
      {picked !== undefined && <FaultForm picked={picked} close={close} {...more} />}
    </Sheet>
  );
}

function FaultForm({ session, check, picked, close, over }: FaultReportProps & { readonly picked: Picked }) {
  const say = useSay();
  const group = useId();
  const [fault, setFault] = useState<Fault>();
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  const { row, line } = picked;
  const send = async () => {
    if (fault === undefined || line.evidence === undefined) return;
    setSending(true);
    const results = [{ ...namedAs(row), evidence: line.evidence, fault, text: text.trim() }];
    const told = await call("POST", `/web/sessions/${session.id}/faults`, { check, results } satisfies PageFaults);
    setSending(false);
    if (told.kind === "ok") {
      say.good("已反馈给来源机构");
      close();
    } else if (told.failure.kind === "over") over();
    else say.bad("没有提交成功，请重试");
  };
  return (
    <div className="form">
      <p>反馈将转给{line.sourceName ?? line.source}。请不要填写患者姓名、证件号等信息。</p>
      <fieldset>
        <legend className="unseen">问题类别</legend>
        {faults.map(([value, label]) => (
          <label key={value} className="reason">
            <input type="radio" name={group} checked={fault === value} onChange={() => setFault(value)} />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <Input.TextArea
        aria-label="问题说明"
        placeholder="请说明问题（必填）"
        rows={4}
        maxLength={600}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="primary" disabled={fault === undefined || text.trim() === ""} loading={sending} onClick={() => void send()}>
        提交反馈
      </Button>
    </div>
  );
}
