import { Fragment } from "react";
import { OrderRow } from "./order-row.tsx";
import type { Group } from "./rows.ts";
import type { TableProps } from "./table-props.ts";

/** One table of everything that is ordered; on a phone each row is a card. */
export function OrdersTable(props: TableProps) {
  return (
    <table className="orders">
      <caption className="unseen">本次开单的项目与既往结果</caption>
      <thead>
        <tr>
          <th scope="col">开单项目</th>
          <th scope="col">判定</th>
          <th scope="col">既往结果</th>
          <th scope="col">来源</th>
          <th scope="col">处理</th>
        </tr>
      </thead>
      {props.groups.map((group) => (
        <tbody key={group.order}>
          {group.panel !== undefined && <PanelHead group={group} />}
          {group.rows.map((row) => (
            <Fragment key={row.key}>
              <OrderRow row={row} ordered={group} {...props} />
            </Fragment>
          ))}
        </tbody>
      ))}
    </table>
  );
}

const advices = {
  all: "全部项目可互认，无需再开",
  core: "核心项目可互认，可不再开组合",
  remaining: "部分项目可互认，建议只开其余项目",
  none: "没有可互认的项目",
} as const;

function PanelHead({ group: { title, panel, rows } }: { readonly group: Group }) {
  if (panel === undefined) return null;
  const remaining = panel.remaining.map((one) => one.name).join("、");
  return (
    <tr className="panel">
      <th scope="rowgroup" colSpan={5}>
        <span className="panel-name">
          {title}
          <small>组合 · {rows.length} 项</small>
        </span>
        <span className={`panel-advice ${panel.advice}`}>{advices[panel.advice]}</span>
        {panel.advice === "remaining" && remaining !== "" && <span className="panel-rest">其余：{remaining}</span>}
      </th>
    </tr>
  );
}
