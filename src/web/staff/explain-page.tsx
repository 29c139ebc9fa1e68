import { useEffect, useState } from "react";
import type { CatalogueAnswer } from "../../http/contract/catalogue.ts";
import type { Explained, Institutions } from "../../http/contract/explanation.ts";
import type { SessionState } from "../../http/contract/web.ts";
import { type Answered, call } from "../call.ts";
import { Loading } from "../look/loading.tsx";
import { Notice } from "../look/notice.tsx";
import { useAnswer } from "../use-answer.ts";
import { ExplainForm } from "./explain-form.tsx";
import { type Imagined, imaginedFor, requestOf } from "./imagined.ts";
import { Ruling } from "./ruling.tsx";

/** A short pause after the last keystroke, in milliseconds, before the rules are asked again. */
const pauseMs = 250;

interface ExplainPageProps {
  readonly session: SessionState;
  readonly over: () => void;
}

/** A decision explained rule by rule: of an imagined result, so that nobody's record is opened to understand the rules. */
export function ExplainPage({ session, over }: ExplainPageProps) {
  const catalogue = useAnswer<CatalogueAnswer>("/recognitions/catalogue");
  const institutions = useAnswer<Institutions>(`/web/sessions/${session.id}/institutions`, over);
  if (catalogue.answer?.kind === "failed" || institutions.answer?.kind === "failed") {
    const again = () => {
      catalogue.again();
      institutions.again();
    };
    return (
      <Notice tone="error" title="判定说明暂时打不开" action={{ text: "重试", run: again }}>
        互认服务没有应答，请稍后重试。
      </Notice>
    );
  }
  if (catalogue.answer === undefined || institutions.answer === undefined) return <Loading text="正在打开判定说明…" />;
  return (
    <Explain
      session={session}
      over={over}
      catalogue={catalogue.answer.value}
      parties={institutions.answer.value.institutions}
    />
  );
}

interface ExplainProps extends ExplainPageProps {
  readonly catalogue: CatalogueAnswer;
  readonly parties: Institutions["institutions"];
}

function Explain({ session, over, catalogue, parties }: ExplainProps) {
  const [imagined, setImagined] = useState<Imagined>(() => imaginedFor(catalogue, parties, session.institution?.code));
  const [explained, setExplained] = useState<Answered<Explained>>();
  useEffect(() => {
    const left = new AbortController();
    const timer = setTimeout(async () => {
      const answer = await call<Explained>("POST", `/web/sessions/${session.id}/explanations`, requestOf(imagined));
      if (left.signal.aborted) return;
      if (answer.kind === "failed" && answer.failure.kind === "over") over();
      else setExplained(answer);
    }, pauseMs);
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [imagined, session.id, over]);
  return (
    <div className="explain">
      <ExplainForm {...{ imagined, setImagined, catalogue, parties }} own={session.institution} />
      <Ruling explained={explained} rules={catalogue.rules} />
    </div>
  );
}
