import { Button, Input } from "antd";
import { useState } from "react";
import type { PageRevocations, SessionState } from "../../http/contract/web.ts";
import { call } from "../call.ts";
import { Sheet } from "../look/sheet.tsx";
import { useSay } from "../look/use-say.ts";
import { namedAs, type Row } from "./rows.ts";

interface RevocationProps {
  readonly session: SessionState;
  readonly check: string;
  readonly row: Row | undefined;
  readonly close: () => void;
  readonly done: (row: Row) => void;
  readonly over: () => void;
}

/** Takes an answer back (撤销): a new fact with its reason; nothing is edited, and the order may be answered anew. */
export function Revocation({ row, close, ...more }: RevocationProps) {
  return (
    <Sheet open={row !== undefined} title={`撤销处理意见：${row?.name ?? ""}`} close={close} place="middle">
      {row !== undefined && <RevocationForm row={row} close={close} {...more} />}
    </Sheet>
  );
}

function RevocationForm({ session, check, row, close, done, over }: RevocationProps & { readonly row: Row }) {
  const say = useSay();
  const [text, setText] = useState("");
  const [sending, setSending] = useState(false);
  const send = async () => {
    setSending(true);
    const body: PageRevocations = { check, answers: [{ ...namedAs(row), text: text.trim() }] };
    const told = await call("POST", `/web/sessions/${session.id}/revocations`, body);
    setSending(false);
    if (told.kind === "ok") {
      say.good("已撤销，可重新处理");
      done(row);
      close();
    } else if (told.failure.kind === "over") over();
    else say.bad("没有撤销成功，请重试");
  };
  return (
    <div className="form">
      <p>原处理意见会保留在记录中；撤销后可重新处理这一项。</p>
      <Input.TextArea
        aria-label="撤销理由"
        placeholder="请填写撤销理由（必填）"
        rows={3}
        maxLength={600}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="primary" danger disabled={text.trim() === ""} loading={sending} onClick={() => void send()}>
        确认撤销
      </Button>
    </div>
  );
}
