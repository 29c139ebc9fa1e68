import { Tabs } from "antd";
import { lazy, Suspense } from "react";
import type { SessionState } from "../../http/contract/web.ts";
import { Loading } from "../look/loading.tsx";
import { moment } from "../look/moment.ts";
import { Watermark } from "../look/watermark.tsx";
import { CataloguePage } from "./catalogue-page.tsx";
import { ExplainPage } from "./explain-page.tsx";
import "./staff.css";

// The charts are most of what this page weighs: they come when somebody looks at figures.
const FiguresPage = lazy(async () => ({ default: (await import("./figures-page.tsx")).FiguresPage }));

/** `/recognition` for staff: what is recognised, why a result would be or would not, and what came of it. */
export function Staff({ session, over }: { readonly session: SessionState; readonly over: () => void }) {
  const { viewer, institution } = session;
  return (
    <div className="staff">
      <header className="bar">
        <div>
          <h1>检查检验结果互认</h1>
        </div>
        <div>
          <span>{viewer.name ?? viewer.id}</span>
          {institution !== undefined && <span>{institution.name}</span>}
        </div>
      </header>
      <main>
        <Tabs
          items={[
            { key: "catalogue", label: "互认目录", children: <CataloguePage /> },
            { key: "explain", label: "判定说明", children: <ExplainPage session={session} over={over} /> },
            {
              key: "figures",
              label: "统计",
              children: (
                <Suspense fallback={<Loading text="正在打开统计…" />}>
                  <FiguresPage session={session} over={over} />
                </Suspense>
              ),
            },
          ]}
        />
      </main>
      <Watermark words={[viewer.name ?? viewer.id, institution?.name ?? "", moment(new Date().toISOString())]} />
    </div>
  );
}
