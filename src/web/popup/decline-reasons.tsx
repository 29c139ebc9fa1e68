import { Button, Input } from "antd";
import { useId } from "react";
import { type Choice, type Choices, type DeclineReason, spreadReason } from "./choices.ts";
import type { Row } from "./rows.ts";

interface DeclineReasonsProps {
  readonly row: Row;
  readonly choice: Extract<Choice, { kind: "decline" }>;
  readonly choose: (next: Choice) => void;
  readonly choices: Choices;
  readonly setChoices: (change: (now: Choices) => Choices) => void;
  readonly reasons: readonly DeclineReason[];
}

/** The lawful reasons to examine again, one click each; those that do not count as a refusal stand apart. */
export function DeclineReasons({ row, choice, choose, choices, setChoices, reasons }: DeclineReasonsProps) {
  const group = useId();
  const chosen = reasons.find((one) => one.code === choice.reason);
  const waiting = Object.entries(choices).filter(
    ([key, one]) => key !== row.key && one.kind === "decline" && one.reason === undefined,
  );
  const pick = (reason: DeclineReason) => choose({ kind: "decline", reason: reason.code });
  const chips = (shown: readonly DeclineReason[]) =>
    shown.map((reason) => (
      <label key={reason.code} className="reason" title={reason.text}>
        <input type="radio" name={group} checked={choice.reason === reason.code} onChange={() => pick(reason)} />
        <span>{reason.label}</span>
      </label>
    ));
  return (
    <div className="reasons-box">
      <fieldset>
        <legend>不互认的理由</legend>
        {chips(reasons.filter((one) => one.counts))}
      </fieldset>
      {reasons.some((one) => !one.counts) && (
        <fieldset>
          <legend>不计入不互认</legend>
          {chips(reasons.filter((one) => !one.counts))}
        </fieldset>
      )}
      {chosen !== undefined && <p className="reason-text">{chosen.text}</p>}
      {chosen?.needsText === true && (
        <Input.TextArea
          aria-label="具体情形"
          placeholder="请填写确需复查的具体情形（必填）"
          autoSize={{ minRows: 2, maxRows: 4 }}
          maxLength={600}
          showCount
          value={choice.text ?? ""}
          onChange={(event) => choose({ ...choice, text: event.target.value })}
        />
      )}
      {chosen !== undefined && waiting.length > 0 && (
        <Button size="small" onClick={() => setChoices((now) => spreadReason(now, row.key))}>
          同一理由用于其余 {waiting.length} 项
        </Button>
      )}
    </div>
  );
}
