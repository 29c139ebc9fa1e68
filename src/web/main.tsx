import { App, ConfigProvider } from "antd";
import zhCN from "antd/locale/zh_CN";
import { lazy, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { Loading } from "./look/loading.tsx";
import "./look/look.css";
import { theme } from "./look/theme.ts";
import { SessionGate } from "./session/session-gate.tsx";

const Popup = lazy(async () => ({ default: (await import("./popup/popup.tsx")).Popup }));
const Staff = lazy(async () => ({ default: (await import("./staff/staff.tsx")).Staff }));

// The server gives each page its own nonce; antd's styles, made at run time, must carry it.
const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";

createRoot(document.getElementById("root") as HTMLElement).render(
  <ConfigProvider locale={zhCN} theme={theme} csp={{ nonce }} button={{ autoInsertSpace: false }}>
    <App component={false}>
      <SessionGate>
        {(session, over) => (
          <Suspense fallback={<Loading text="正在打开…" />}>
            {session.page === "popup" ? <Popup session={session} over={over} /> : <Staff session={session} over={over} />}
          </Suspense>
        )}
      </SessionGate>
    </App>
  </ConfigProvider>,
);
