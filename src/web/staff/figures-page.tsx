import { DownloadOutlined } from "@ant-design/icons";
import { Button, Empty, Segmented, Select } from "antd";
import { useState } from "react";
import type { SessionState } from "../../http/contract/web.ts";
import { Loading } from "../look/loading.tsx";
import { Notice } from "../look/notice.tsx";
import { Tell } from "../look/tell.tsx";
import { useAnswer } from "../use-answer.ts";
import { BarsChart } from "./bars-chart.tsx";
import { download } from "./download.ts";
import { FiguresTable } from "./figures-table.tsx";
import { type By, breakdowns, charted, ends, type Figures, monthBefore, rateWords, uses, wholeYuan } from "./figures-words.ts";

interface FiguresPageProps {
  readonly session: SessionState;
  readonly over: () => void;
}

/** What came of it: rates, counts and savings of the institution, as the one that orders and as the one whose results are recognised. */
export function FiguresPage({ session, over }: FiguresPageProps) {
  const now = new Date();
  const [from, setFrom] = useState(monthBefore(now, 2));
  const [until, setUntil] = useState(monthBefore(now, 0));
  const [role, setRole] = useState<Figures["role"]>("recogniser");
  const [by, setBy] = useState<By>("item");
  const path = `/web/sessions/${session.id}/figures?${new URLSearchParams({ from, until, role, by })}`;
  const { answer, again } = useAnswer<Figures>(path, over);
  return (
    <section aria-label="统计" className="figures">
      <div className="tools">
        <span className="months">
          <input
            type="month"
            aria-label="起始月份"
            value={from}
            max={until}
            onChange={(event) => event.target.value && setFrom(event.target.value)}
          />
          至
          <input
            type="month"
            aria-label="截止月份"
            value={until}
            min={from}
            onChange={(event) => event.target.value && setUntil(event.target.value)}
          />
        </span>
        <Segmented<Figures["role"]>
          aria-label="角色"
          value={role}
          onChange={setRole}
          options={[
            { value: "recogniser", label: "作为互认方" },
            { value: "recognised", label: "作为被互认方" },
          ]}
        />
        <Select aria-label="分组" value={by} onChange={setBy} options={[...breakdowns]} />
        <Button
          icon={<DownloadOutlined />}
          onClick={() => void download(`${path}&format=csv`, `互认统计-${from}-${until}.csv`)}
        >
          下载表格
        </Button>
      </div>
      {answer === undefined && <Loading text="正在统计…" />}
      {answer?.kind === "failed" && <Failed kind={answer.failure.kind} again={again} />}
      {answer?.kind === "ok" && <Shown figures={answer.value} />}
    </section>
  );
}

function Failed({ kind, again }: { readonly kind: string; readonly again: () => void }) {
  if (kind === "wrong")
    return (
      <Tell tone="warn" title="这段时间不能统计。">
        请缩短月份范围，且不要选择将来的月份。
      </Tell>
    );
  if (kind === "refused") return <Tell tone="info" title="当前身份不能查看统计。" />;
  return (
    <Notice tone="error" title="统计暂时打不开" action={{ text: "重试", run: again }}>
      互认服务没有应答，请稍后重试。
    </Notice>
  );
}

function Shown({ figures }: { readonly figures: Figures }) {
  const { total, role, settled } = figures;
  const stacked = role === "recogniser" ? ends : uses;
  const rows = charted(figures, stacked);
  const title = breakdowns.find((one) => one.value === figures.by)?.label ?? "";
  return (
    <>
      {!settled && <p className="quiet">所选月份尚未结账：答复期满后数字不再变化。</p>}
      <Kpis figures={figures} />
      {rows.length === 0 ? (
        <Empty description="所选时间没有互认记录" />
      ) : (
        <>
          <BarsChart
            title={`${title}（项次）`}
            names={rows.map((row) => row.name)}
            series={stacked.map(({ measure, label, colour }) => ({
              label,
              colour,
              values: rows.map((row) => row.items[measure] ?? 0),
            }))}
          />
          <FiguresTable rows={figures.rows} total={total} role={role} />
        </>
      )}
      <p className="quiet">{Object.values(figures.rates).join("；")}。98、99 两类理由单列，不计入不互认。</p>
    </>
  );
}

function Kpis({ figures: { total, role } }: { readonly figures: Figures }) {
  const { items, visits, rates } = total;
  const count = (measure: string) => `${items[measure] ?? 0}`;
  const saved = wholeYuan(items.savedFen ?? 0);
  const shown: readonly (readonly [string, string, string])[] =
    role === "recogniser"
      ? [
          ["互认率 A", rateWords(rates.a), `${rates.a.numerator} ÷ ${rates.a.denominator}`],
          ["互认率 A（除 98/99）", rateWords(rates.aApart), `${rates.aApart.numerator} ÷ ${rates.aApart.denominator}`],
          ...(rates.b === undefined
            ? []
            : [["互认率 B", rateWords(rates.b), `${rates.b.numerator} ÷ ${rates.b.denominator}`] as const]),
          ["提醒", count("reminded"), `项次 · ${visits.reminded ?? 0} 人次`],
          ["已互认", count("recognised"), `项次 · ${visits.recognised ?? 0} 人次`],
          ["不互认", count("refused"), `项次 · 未处理 ${count("ignored")}`],
          ["漏传占比", rateWords(rates.missing), `${rates.missing.numerator} ÷ ${rates.missing.denominator}`],
          ["估算节省", saved, `无价格 ${count("unpriced")} 项`],
        ]
      : [
          ["被互认", count("standing"), `项次 · ${visits.standing ?? 0} 人次`],
          ["被调阅", count("viewed"), "次"],
          ["被引用", count("referenced"), "次"],
          ["异常反馈", count("faultReported"), "次"],
          ["为患者节省", saved, `无价格 ${count("unpriced")} 项`],
        ];
  return (
    <dl className="kpis">
      {shown.map(([name, value, hint]) => (
        <div key={name} className="kpi">
          <dt>{name}</dt>
          <dd>
            {value} <small>{hint}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}
