import { Empty, Input, Segmented, Select } from "antd";
import { useMemo, useState } from "react";
import type { CatalogueAnswer } from "../../http/contract/catalogue.ts";
import { Loading } from "../look/loading.tsx";
import { Notice } from "../look/notice.tsx";
import { Tell } from "../look/tell.tsx";
import { useAnswer } from "../use-answer.ts";
import { found } from "./catalogue-words.ts";
import { ItemEntry } from "./item-entry.tsx";

const states = { past: "已停用", "in-force": "现行", coming: "将生效" } as const;

/** The catalogue of the region: what is recognised, for how long, on which ground and from when. It is published, so no session is needed to read it. */
export function CataloguePage() {
  const [version, setVersion] = useState<string>();
  const [words, setWords] = useState("");
  const [kind, setKind] = useState<"all" | "lab" | "imaging">("all");
  const path = `/recognitions/catalogue${version === undefined ? "" : `?version=${encodeURIComponent(version)}`}`;
  const { answer, again } = useAnswer<CatalogueAnswer>(path);
  const catalogue = answer?.kind === "ok" ? answer.value : undefined;
  const items = useMemo(() => (catalogue === undefined ? [] : found(catalogue, { words, kind })), [catalogue, words, kind]);
  if (answer?.kind === "failed") {
    return (
      <Notice tone="error" title="目录暂时打不开" action={{ text: "重试", run: again }}>
        互认服务没有应答，请稍后重试。
      </Notice>
    );
  }
  if (catalogue === undefined) return <Loading text="正在打开目录…" />;
  const shown = catalogue.versions.find((one) => one.version === catalogue.version);
  return (
    <section aria-label="互认目录" className="catalogue">
      <div className="tools">
        <h2>{catalogue.name}</h2>
        <Select
          aria-label="版本"
          value={catalogue.version}
          onChange={setVersion}
          options={catalogue.versions.map((one) => ({
            value: one.version,
            label: `${one.version}（${states[one.state]}，自 ${one.from}${one.to === undefined ? "" : ` 至 ${one.to}`}）`,
          }))}
        />
        <Segmented
          aria-label="类别"
          value={kind}
          onChange={setKind}
          options={[
            { value: "all", label: "全部" },
            { value: "lab", label: "检验" },
            { value: "imaging", label: "检查" },
          ]}
        />
        <Input.Search
          className="search"
          aria-label="查找项目"
          placeholder="项目名称、编号或 LOINC"
          allowClear
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {shown !== undefined && shown.state !== "in-force" && (
        <Tell tone="warn" title={`这是${states[shown.state]}的版本，不用于今天的判定`} />
      )}
      <p className="quiet">
        {items.length} 项，{catalogue.on} 当日的规定 · 期限按连续 24 小时计 · 标「暂定」者尚无公开文件规定
      </p>
      {items.length === 0 ? <Empty description="没有符合条件的项目" /> : <List items={items} catalogue={catalogue} />}
    </section>
  );
}

function List({ items, catalogue }: { readonly items: CatalogueAnswer["items"]; readonly catalogue: CatalogueAnswer }) {
  return (
    <>
      <div className="entry-head" aria-hidden>
        <span>项目</span>
        <span>标本或部位</span>
        <span>互认期限</span>
        <span>互认依据</span>
        <span>自</span>
      </div>
      <ul className="entries">
        {items.map((item) => (
          <li key={item.id}>
            <ItemEntry item={item} catalogue={catalogue} />
          </li>
        ))}
      </ul>
    </>
  );
}
