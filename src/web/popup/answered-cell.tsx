import { CopyOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { DeclineReason } from "./choices.ts";
import type { Given } from "./settle.ts";

const words: Readonly<Record<Given["state"], string>> = {
  adopted: "已互认",
  declined: "不互认",
  superseded: "所依据的结果已变更",
};

interface AnsweredCellProps {
  readonly given: Given;
  readonly reasons: readonly DeclineReason[];
  readonly quote: () => Promise<void>;
  readonly revoke: () => void;
}

/** What stands: the first valid answer is final. An adopted result can be quoted to the record. */
export function AnsweredCell({ given, reasons, quote, revoke }: AnsweredCellProps) {
  const reason = reasons.find((one) => one.code === given.reason);
  const word = reason !== undefined && !reason.counts ? "不计入" : words[given.state];
  return (
    <div className="answered">
      <span className={`stands ${given.state}`}>{word}</span>
      {reason !== undefined && <span className="quiet">{reason.label}</span>}
      {given.state === "adopted" && (
        <Button size="small" icon={<CopyOutlined />} onClick={() => void quote()}>
          引用到病历
        </Button>
      )}
      <Button size="small" type="text" onClick={revoke}>
        撤销
      </Button>
    </div>
  );
}
