import { type ReactNode, useCallback, useEffect, useState } from "react";
import type { SessionState } from "../../http/contract/web.ts";
import type { Answered } from "../call.ts";
import { Loading } from "../look/loading.tsx";
import { Notice } from "../look/notice.tsx";
import { Tell } from "../look/tell.tsx";
import { openPage } from "./open-page.ts";

/** How long before its end a page says that it will close, in milliseconds. */
const warnMs = 120_000;

/** Opens the session and shows what it is for; says so when the link is used up, the time is over or the server is not there. */
export function SessionGate({ children }: { readonly children: (session: SessionState, over: () => void) => ReactNode }) {
  const [opened, setOpened] = useState<Answered<SessionState>>();
  const open = useCallback(() => {
    setOpened(undefined);
    void openPage(window).then(setOpened);
  }, []);
  const over = useCallback(() => setOpened({ kind: "failed", failure: { kind: "over" } }), []);
  useEffect(open, [open]);
  const expiresAt = opened?.kind === "ok" ? opened.value.expiresAt : undefined;
  const [ending, setEnding] = useState(false);
  useEffect(() => {
    if (expiresAt === undefined) return;
    const left = Date.parse(expiresAt) - Date.now();
    const timers = [setTimeout(over, Math.max(0, left)), setTimeout(() => setEnding(true), Math.max(0, left - warnMs))];
    return () => timers.forEach(clearTimeout);
  }, [expiresAt, over]);

  if (opened === undefined) return <Loading text="正在打开…" />;
  if (opened.kind === "ok") {
    return (
      <>
        {ending && (
          <Tell tone="warn" title="窗口将在 2 分钟内关闭。">
            请尽快提交已选内容，或从医院信息系统重新打开。
          </Tell>
        )}
        {children(opened.value, over)}
      </>
    );
  }
  if (opened.failure.kind === "over") return <Expired />;
  return (
    <Notice tone="error" title="暂时无法连接互认服务" action={{ text: "重试", run: open }}>
      请检查网络后重试。诊疗不受影响，可先按临床需要开单。
    </Notice>
  );
}

function Expired() {
  return (
    <Notice tone="expired" title="链接已失效">
      为保护患者信息，每个链接只能打开一次，并在 30 分钟后关闭。请回到医院信息系统，重新打开互认窗口。
    </Notice>
  );
}
