import type { ReactNode } from "react";
import type { CatalogueAnswer, CatalogueItem } from "../../http/contract/catalogue.ts";
import { basisWords, subjectOf, windowsOf, windowWords, yuan } from "./catalogue-words.ts";

const comparisons = { unit: "单位可换算即可比", method: "须同一方法", platform: "须同一检测平台" } as const;
const levels: Readonly<Record<number, string>> = { 1: "一级", 2: "二级", 3: "三级", 9: "未定级" };

/** One item: a line to scan, and everything the policy says of it when opened. */
export function ItemEntry({ item, catalogue }: { readonly item: CatalogueItem; readonly catalogue: CatalogueAnswer }) {
  const bases = catalogue.bases.filter((one) => item.bases.includes(one.id));
  const provisional = item.provisional || item.windows.some((one) => one.provisional);
  return (
    <details className="entry">
      <summary>
        <span className="entry-name">
          {item.name}
          {provisional && <span className="tag provisional">暂定</span>}
          {item.notRecognised !== undefined && <span className="tag refused">不互认</span>}
        </span>
        <span className="quiet">{subjectOf(item, catalogue.names)}</span>
        <span className="entry-window">
          {windowsOf(item, "others").map((one) => (
            <span key={one.id}>{windowWords(one)}</span>
          ))}
        </span>
        <span className="quiet">{bases.map(basisWords).join("；或 ")}</span>
        <span className="quiet">{item.effective.from}</span>
      </summary>
      <Everything item={item} catalogue={catalogue} />
    </details>
  );
}

function Everything({ item, catalogue }: { readonly item: CatalogueItem; readonly catalogue: CatalogueAnswer }) {
  const panels = catalogue.panels.filter((one) => item.panels.includes(one.id));
  const conditions = catalogue.conditions.filter((one) => item.conditions.includes(one.id));
  const own = windowsOf(item, "own");
  return (
    <dl className="everything">
      <Fact name="目录编号">
        <code>{item.id}</code>
      </Fact>
      <Fact name="LOINC">
        <code>{[item.loinc, ...item.alsoLoinc].join("、")}</code>
      </Fact>
      {item.comparability !== undefined && (
        <Fact name="可比性">
          {comparisons[item.comparability]}
          {item.methods !== undefined && item.methods.length > 0 && `：${item.methods.join("、")}`}
        </Fact>
      )}
      {item.notRecognised !== undefined && (
        <Fact name="不予互认">
          {item.notRecognised.reason} <Source of={item.notRecognised} />
        </Fact>
      )}
      {windowsOf(item, "others").map((one) => (
        <Fact key={one.id} name="互认期限">
          {windowWords(one)} <Source of={one} />
        </Fact>
      ))}
      {own.map((one) => (
        <Fact key={one.id} name="本院重复">
          {windowWords(one)} <Source of={one} />
        </Fact>
      ))}
      {catalogue.bases
        .filter((one) => item.bases.includes(one.id))
        .map((one) => (
          <Fact key={one.id} name="互认依据">
            {basisWords(one)} <Source of={one} />
          </Fact>
        ))}
      {conditions.map((one) => (
        <Fact key={one.id} name="附加条件">
          {one.text} <Source of={one} />
        </Fact>
      ))}
      {panels.length > 0 && <Fact name="所在组合">{panels.map((one) => one.name).join("、")}</Fact>}
      {item.prices.length > 0 && (
        <Fact name="参考价格">
          {item.prices.map((one) => `${one.ji?.map((ji) => levels[ji]).join("、") ?? "其余"} ${yuan(one.fen)}`).join("；")}
        </Fact>
      )}
      <Fact name="列入依据">
        <Source of={item} />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

type Stated = Pick<CatalogueItem, "source" | "clause" | "effective" | "provisional">;

/** Where an entry comes from and since when it holds. */
function Source({ of: { source, clause, effective, provisional } }: { readonly of: Stated }) {
  return (
    <cite>
      {source} {clause}，自 {effective.from}
      {effective.to !== undefined && ` 至 ${effective.to}`}
      {provisional && "，暂定"}
    </cite>
  );
}
