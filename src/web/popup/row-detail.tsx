import { Button } from "antd";
import { moment } from "../look/moment.ts";
import type { Line } from "./answer.ts";
import type { Choice } from "./choices.ts";
import { Reasons } from "./reasons.tsx";
import type { Picked, Row } from "./rows.ts";
import { TrendLine } from "./trend-line.tsx";
import { leftOf, printed, takenAt, verdictWords } from "./words.ts";

interface RowDetailProps {
  readonly row: Row;
  readonly choice: Choice | undefined;
  readonly done: boolean;
  readonly choose: (next: Choice) => void;
  readonly read: (picked: Picked) => void;
  readonly fault: (picked: Picked) => void;
}

/** Everything behind a row: each result with its ground, the trend, the institution's own results, who did not answer. */
export function RowDetail({ row, ...more }: RowDetailProps) {
  const { result, silent } = row;
  const shown = result.lines.filter((line) => line.recognition !== "unknown");
  return (
    <div className="ground">
      {result.reasons?.map((reason) => (
        <p key={reason.code} className="quiet">
          {reason.text}
        </p>
      ))}
      {result.trend !== undefined && <TrendLine segments={result.trend.points} name={row.name} />}
      {shown.map((line) => (
        <ResultCard key={line.evidence ?? line.source} line={line} row={row} {...more} />
      ))}
      {silent.length > 0 && (
        <p className="silent">{silent.map((line) => line.sourceName ?? line.source).join("、")} 未应答，不代表没有结果。</p>
      )}
      <Apart title="本院既往结果（不计入互认）" lines={result.own} row={row} />
      <Apart title="本次就诊录入的纸质结果（仅本次可见，单独计数）" lines={result.transcribed} row={row} />
      {shown.length + result.own.length + result.transcribed.length === 0 && silent.length === 0 && (
        <p className="quiet">{verdictWords[row.verdict].hint}。</p>
      )}
    </div>
  );
}

function ResultCard({ line, row, choice, done, choose, read, fault }: RowDetailProps & { readonly line: Line }) {
  const { evidence } = line;
  const usable = evidence !== undefined && row.usable.includes(line);
  const chosen = choice?.kind === "adopt" && choice.evidence === evidence;
  return (
    <article className={`result ${line.recognition}`}>
      <header>
        <span className={`verdict ${line.recognition}`}>{verdictWords[line.recognition].label}</span>
        <strong>{printed(line)}</strong>
        {line.critical === true && <span className="critical">危急值</span>}
        {line.referenceRange !== undefined && <span className="quiet">参考 {line.referenceRange}</span>}
      </header>
      <Facts line={line} />
      <Reasons reasons={line.reasons} />
      <footer>
        {usable && !done && !chosen && (
          <Button size="small" type="primary" ghost onClick={() => choose({ kind: "adopt", evidence })}>
            互认这一结果
          </Button>
        )}
        {evidence !== undefined && (
          <>
            <Button size="small" onClick={() => read({ row, line })}>
              查看报告
            </Button>
            <Button size="small" type="text" onClick={() => fault({ row, line })}>
              异常反馈
            </Button>
          </>
        )}
      </footer>
    </article>
  );
}

function Facts({ line }: { readonly line: Line }) {
  const taken = takenAt(line);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["来源", line.sourceName ?? line.source],
    ["检测机构", line.laboratory === line.source ? undefined : line.laboratory],
    [`${taken?.label ?? ""}时间`, taken?.at],
    ["报告时间", line.reportedAt === undefined || taken?.label === "报告" ? undefined : moment(line.reportedAt)],
    ["互认标识", line.mark],
    ["期限", line.daysLeft === undefined ? undefined : leftOf(line.daysLeft)],
  ];
  return (
    <dl className="facts">
      {facts.map(([label, value]) =>
        value === undefined ? null : (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

function Apart({ title, lines, row }: { readonly title: string; readonly lines: readonly Line[]; readonly row: Row }) {
  if (lines.length === 0) return null;
  return (
    <section className="apart">
      <h3>{title}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line.evidence ?? `${row.key}${line.collectedAt ?? ""}`}>
            <b>{printed(line)}</b> <span className="quiet">{takenAt(line)?.at}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
