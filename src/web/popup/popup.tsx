import { useCallback } from "react";
import type { SessionState } from "../../http/contract/web.ts";
import { Loading } from "../look/loading.tsx";
import { moment } from "../look/moment.ts";
import { Notice } from "../look/notice.tsx";
import { Watermark } from "../look/watermark.tsx";
import { PopupHeader } from "./popup-header.tsx";
import "./popup.css";
import { useCheck } from "./use-check.ts";
import { Work } from "./work.tsx";

/** `/recognition/popup`: every draft order against the resident's earlier results, for the doctor to decide. */
export function Popup({ session, over }: { readonly session: SessionState; readonly over: () => void }) {
  const { checked, asking, ask } = useCheck(session.id, over);
  const retry = useCallback(() => void ask(), [ask]);
  return (
    <div className="popup">
      <PopupHeader session={session} />
      {checked === undefined && <Loading text="正在查询既往结果…" />}
      {checked?.kind === "failed" && <Failed kind={checked.failure.kind} retry={retry} />}
      {checked?.kind === "ok" && (
        <Work key={session.id} session={session} checked={checked.value} asking={asking} ask={ask} over={over} />
      )}
      <Watermark
        words={[session.viewer.name ?? session.viewer.id, session.institution?.name ?? "", moment(new Date().toISOString())]}
      />
    </div>
  );
}

function Failed({ kind, retry }: { readonly kind: string; readonly retry: () => void }) {
  if (kind === "refused") {
    return (
      <Notice tone="refused" title="没有查询权限">
        当前登录身份不能查询互认结果，请联系信息科。诊疗不受影响，可先按临床需要开单。
      </Notice>
    );
  }
  return (
    <Notice tone="error" title="暂时查不到既往结果" action={{ text: "重新查询", run: retry }}>
      互认服务没有应答。这不代表患者没有既往结果；诊疗不受影响，可先按临床需要开单。
    </Notice>
  );
}
