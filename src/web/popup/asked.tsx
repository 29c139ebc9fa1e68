import { ReloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Tell } from "../look/tell.tsx";
import type { Answer } from "./answer.ts";
import type { Group, Verdict } from "./rows.ts";
import { verdictWords } from "./words.ts";

interface AskedProps {
  readonly answer: Answer;
  readonly groups: readonly Group[];
  readonly asking: boolean;
  readonly ask: () => Promise<void>;
}

const counted: readonly Verdict[] = ["must", "may", "ineligible", "unknown", "nothing", "unasked", "unlisted"];

/** How many rows say what, and how complete the answer is: no source asked is never "no earlier result". */
export function Asked({ answer, groups, asking, ask }: AskedProps) {
  const rows = groups.flatMap((group) => group.rows);
  const critical = rows.some((row) => row.critical !== undefined);
  return (
    <section aria-label="查询结果">
      <div className="tally" role="status">
        <span>
          本次开单 <b>{groups.length}</b> 项
        </span>
        {counted.map((verdict) => {
          const count = rows.filter((row) => row.verdict === verdict).length;
          return count === 0 ? null : (
            <span key={verdict} title={verdictWords[verdict].hint} className={`count ${verdict}`}>
              {verdictWords[verdict].label} <b>{count}</b>
            </span>
          );
        })}
        <Button size="small" icon={<ReloadOutlined />} loading={asking} onClick={() => void ask()}>
          重新查询
        </Button>
      </div>
      {critical && (
        <Tell tone="alarm" title="既往结果中有危急值。">
          危急值列在最前，系统不推荐互认，请结合病情判断。
        </Tell>
      )}
      {answer.asked === "none" && (
        <Tell tone="info" title="本次没有查询到任何机构。">
          患者尚未授权，或没有可查询的机构；这不代表没有既往结果。可请患者扫码授权后重新查询。
        </Tell>
      )}
      {answer.asked === "some" && (
        <Tell tone="warn" title="部分机构尚未应答。">
          下列结果不完整；稍后到达的结果会自动补充。
        </Tell>
      )}
    </section>
  );
}
