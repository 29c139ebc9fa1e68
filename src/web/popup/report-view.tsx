import { useEffect, useState } from "react";
import type { ReportShown } from "../../http/contract/report.ts";
import type { PageReport, SessionState } from "../../http/contract/web.ts";
import { type Answered, call } from "../call.ts";
import { Loading } from "../look/loading.tsx";
import { moment } from "../look/moment.ts";
import { Sheet } from "../look/sheet.tsx";
import { Tell } from "../look/tell.tsx";
import { namedAs, type Picked } from "./rows.ts";

interface ReportViewProps {
  readonly session: SessionState;
  readonly check: string;
  readonly picked: Picked | undefined;
  readonly close: () => void;
  readonly over: () => void;
}

/** The whole report a result stands in. Reading it asks for consent once more and is recorded (调阅). */
export function ReportView({ session, check, picked, close, over }: ReportViewProps) {
  const [read, setRead] = useState<Answered<ReportShown>>();
  useEffect(() => {
    const evidence = picked?.line.evidence;
    setRead(undefined);
    if (picked === undefined || evidence === undefined) return;
    let left = false;
    const body: PageReport = { check, ...namedAs(picked.row), evidence };
    void call<ReportShown>("POST", `/web/sessions/${session.id}/reports`, body).then((answer) => {
      if (left) return;
      if (answer.kind === "failed" && answer.failure.kind === "over") over();
      else setRead(answer);
    });
    return () => {
      left = true;
    };
  }, [picked, check, session.id, over]);
  return (
    <Sheet open={picked !== undefined} title={`调阅报告：${picked?.row.name ?? ""}`} close={close} place="side">
      {read === undefined && <Loading text="正在调阅报告…" />}
      {read?.kind === "failed" && <Failed kind={read.failure.kind} />}
      {read?.kind === "ok" && <Report report={read.value} />}
    </Sheet>
  );
}

function Failed({ kind }: { readonly kind: string }) {
  if (kind === "refused") return <Tell tone="info" title="患者的授权已不允许查看该报告" />;
  if (kind === "absent") return <Tell tone="info" title="该报告保存在来源机构，暂不能在此调阅" />;
  return <Tell tone="alarm" title="暂时不能调阅，请稍后重试" />;
}

function Report({ report }: { readonly report: ReportShown }) {
  const { sourceName, title, collectedAt, reportedAt, results, studies, conclusion } = report;
  return (
    <article className="report">
      <header>
        <h2>{title ?? "检验报告"}</h2>
        <p className="quiet">
          {sourceName}
          {collectedAt !== undefined && ` · 采样 ${moment(collectedAt)}`}
          {reportedAt !== undefined && ` · 报告 ${moment(reportedAt)}`}
        </p>
      </header>
      {results.length > 0 && <Results results={results} />}
      {studies.map((study) => (
        <p key={`${study.modality}${study.startedAt}`}>
          {[study.modality, study.description, study.startedAt && moment(study.startedAt)].filter(Boolean).join(" · ")}
          {study.images !== undefined && `，图像 ${study.images} 幅`}
        </p>
      ))}
      {conclusion !== undefined && (
        <section>
          <h3>诊断意见（仅供参考，不属于互认内容）</h3>
          <p>{conclusion}</p>
        </section>
      )}
    </article>
  );
}

function Results({ results }: Pick<ReportShown, "results">) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">项目</th>
          <th scope="col">结果</th>
          <th scope="col">单位</th>
          <th scope="col">参考范围</th>
        </tr>
      </thead>
      <tbody>
        {results.map((one) => (
          <tr key={one.name} className={one.asked ? "asked" : ""}>
            <th scope="row">{one.name}</th>
            <td>
              <b>{one.value ?? "—"}</b> {one.flag !== undefined && <span className="flag">{flags[one.flag] ?? one.flag}</span>}
            </td>
            <td>{one.unit}</td>
            <td>{one.referenceRange}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const flags: Readonly<Record<string, string>> = { H: "↑", L: "↓", HH: "↑↑ 危急", LL: "↓↓ 危急", A: "异常", AA: "危急" };
