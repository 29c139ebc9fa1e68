import { CheckOutlined, CloseOutlined, DownOutlined } from "@ant-design/icons";
import { useId, useState } from "react";
import type { Line } from "./answer.ts";
import { AnsweredCell } from "./answered-cell.tsx";
import type { Choice } from "./choices.ts";
import { DeclineReasons } from "./decline-reasons.tsx";
import { RowDetail } from "./row-detail.tsx";
import { type Group, type Row, recommended } from "./rows.ts";
import type { TableProps } from "./table-props.ts";
import { leftOf, printed, takenAt, verdictWords } from "./words.ts";

/** One ordered item: what is known of it, and the doctor's choice. */
export function OrderRow({ row, ordered, ...table }: TableProps & { readonly row: Row; readonly ordered: Group }) {
  const [open, setOpen] = useState(false);
  const detail = useId();
  const choice = table.choices[row.key];
  const given = table.answers[row.key];
  const shown = shownLine(row, choice);
  const choose = (next: Choice | undefined) =>
    table.setChoices((now) => {
      const { [row.key]: _, ...rest } = now;
      return next === undefined ? rest : { ...rest, [row.key]: next };
    });
  return (
    <>
      <tr className={`order ${row.verdict}${ordered.panel === undefined ? "" : " member"}`}>
        <th scope="row">
          <button
            type="button"
            className="order-name"
            aria-expanded={open}
            aria-controls={detail}
            onClick={() => setOpen(!open)}
          >
            <DownOutlined className={open ? "turned" : ""} aria-hidden />
            {row.name}
            <span className="unseen">{open ? "收起依据" : "展开依据"}</span>
          </button>
        </th>
        <td>
          <span className={`verdict ${row.verdict}`} title={verdictWords[row.verdict].hint}>
            {verdictWords[row.verdict].label}
          </span>
        </td>
        <td>
          {shown === undefined ? (
            <None row={row} />
          ) : (
            <Value line={shown} more={row.result.lines.length - row.silent.length - 1} />
          )}
        </td>
        <td>
          {shown === undefined ? null : <Source line={shown} />}
          {row.silent.length > 0 && <span className="few">{row.silent.length} 家机构未应答</span>}
        </td>
        <td>
          {given === undefined ? (
            <Buttons row={row} choice={choice} choose={choose} />
          ) : (
            <AnsweredCell
              given={given}
              reasons={table.reasons}
              quote={() => table.quote(row)}
              revoke={() => table.revoke(row)}
            />
          )}
        </td>
      </tr>
      {given === undefined && choice?.kind === "decline" && (
        <tr className="reasons">
          <td colSpan={5}>
            <DeclineReasons row={row} choice={choice} choose={choose} {...table} />
          </td>
        </tr>
      )}
      <tr className="detail" id={detail} hidden={!open}>
        <td colSpan={5}>
          {open && <RowDetail row={row} choice={choice} choose={choose} done={given !== undefined} {...table} />}
        </td>
      </tr>
    </>
  );
}

/** The line a row shows: the one chosen, else a critical one, else the best. */
function shownLine(row: Row, choice: Choice | undefined): Line | undefined {
  const chosen = choice?.kind === "adopt" ? row.usable.find((line) => line.evidence === choice.evidence) : undefined;
  return chosen ?? row.critical ?? row.usable[0] ?? row.result.lines.find((line) => line.recognition === "ineligible");
}

function None({ row }: { readonly row: Row }) {
  return <span className="quiet">{verdictWords[row.verdict].hint}</span>;
}

function Value({ line, more }: { readonly line: Line; readonly more: number }) {
  return (
    <div className="value">
      <span className="value-number">{printed(line)}</span>
      {line.critical === true && <span className="critical">危急值</span>}
      {line.referenceRange !== undefined && <span className="quiet">参考 {line.referenceRange}</span>}
      {more > 0 && <span className="quiet">另有 {more} 个结果</span>}
    </div>
  );
}

function Source({ line }: { readonly line: Line }) {
  const taken = takenAt(line);
  return (
    <div className="source">
      <span>{line.sourceName ?? line.source}</span>
      {taken !== undefined && (
        <span className="quiet">
          {taken.label} {taken.at}
        </span>
      )}
      <span className="chips">
        {line.mark !== undefined && <span className="mark">{line.mark}</span>}
        {line.daysLeft !== undefined && line.recognition !== "ineligible" && (
          <span className="left">{leftOf(line.daysLeft)}</span>
        )}
      </span>
    </div>
  );
}

function Buttons({
  row,
  choice,
  choose,
}: {
  readonly row: Row;
  readonly choice: Choice | undefined;
  readonly choose: (next: Choice | undefined) => void;
}) {
  const first = row.usable[0]?.evidence;
  if (first === undefined) return <span className="quiet">照常开单</span>;
  const evidence = recommended(row)?.evidence ?? first;
  return (
    <fieldset className="choose">
      <legend className="unseen">{row.name}</legend>
      <button
        type="button"
        className="adopt"
        aria-pressed={choice?.kind === "adopt"}
        onClick={() => choose(choice?.kind === "adopt" ? undefined : { kind: "adopt", evidence })}
      >
        <CheckOutlined aria-hidden />
        互认
      </button>
      <button
        type="button"
        className="decline"
        aria-pressed={choice?.kind === "decline"}
        onClick={() => choose(choice?.kind === "decline" ? undefined : { kind: "decline" })}
      >
        <CloseOutlined aria-hidden />
        不互认
      </button>
    </fieldset>
  );
}
