import { Button } from "antd";

interface SubmitBarProps {
  readonly tally: { readonly adopted: number; readonly declined: number; readonly lacking: number };
  /** Rows that "accept all" would still add. */
  readonly eligible: number;
  readonly sending: boolean;
  readonly adoptAll: () => void;
  readonly clear: () => void;
  readonly submit: () => void;
}

/** What is chosen and not yet sent. With a refusal among it, the button itself says that the patient was told why (办法第十八条). */
export function SubmitBar({ tally, eligible, sending, adoptAll, clear, submit }: SubmitBarProps) {
  const { adopted, declined, lacking } = tally;
  const chosen = adopted + declined;
  return (
    <footer className="submit">
      <p role="status">
        {chosen === 0 ? "请逐项选择，或一次接受全部推荐的结果" : `已选 互认 ${adopted} 项，不互认 ${declined} 项`}
        {lacking > 0 && <strong>（{lacking} 项缺理由）</strong>}
      </p>
      <div className="submit-buttons">
        {eligible > 0 && <Button onClick={adoptAll}>全部互认（{eligible}）</Button>}
        {chosen > 0 && (
          <Button type="text" onClick={clear} disabled={sending}>
            清空
          </Button>
        )}
        <Button type="primary" size="large" disabled={chosen === 0 || lacking > 0} loading={sending} onClick={submit}>
          {declined > 0 ? "已向患者说明，提交" : "提交"}
          {chosen > 0 && ` ${chosen} 项`}
        </Button>
      </div>
    </footer>
  );
}
