import { AutoComplete, Checkbox, InputNumber, Segmented, Select } from "antd";
import type { ReactNode } from "react";
import type { CatalogueAnswer } from "../../http/contract/catalogue.ts";
import type { Institutions } from "../../http/contract/explanation.ts";
import { found } from "./catalogue-words.ts";
import { factsOf, type Imagined } from "./imagined.ts";

interface ExplainFormProps {
  readonly imagined: Imagined;
  readonly setImagined: (next: Imagined) => void;
  readonly catalogue: CatalogueAnswer;
  readonly parties: Institutions["institutions"];
  readonly own: { readonly code: string; readonly name: string } | undefined;
}

const levels: Readonly<Record<number, string>> = { 1: "一级", 2: "二级", 3: "三级" };
const marks = ["", "HR", "本省HR", "全国HR"];

/** The facts a decision rests on, each to be changed to see what it does. */
export function ExplainForm({ imagined, setImagined, catalogue, parties, own }: ExplainFormProps) {
  const set = (change: Partial<Imagined>) => setImagined({ ...imagined, ...change });
  const item = catalogue.items.find((one) => one.id === imagined.item);
  const items = found(catalogue, { words: "", kind: "all" });
  const places = parties.map((one) => ({
    value: one.code,
    label: `${one.name}（${levels[one.ji] ?? "未定级"}${one.ji === 9 ? "" : one.deng}）`,
  }));
  const choice = (
    label: string,
    value: string,
    options: readonly { value: string; label: string }[],
    pick: (value: string) => void,
  ) => (
    <Field label={label}>
      <Select
        aria-label={label}
        value={value}
        options={[...options]}
        onChange={pick}
        showSearch={{ optionFilterProp: "label" }}
      />
    </Field>
  );
  return (
    <section className="imagined" aria-label="假设的结果与开单">
      <h2>假设一份既往结果</h2>
      <p className="quiet">不涉及任何患者：改变下列条件，看每条规则如何判定。</p>
      {choice(
        "开单项目",
        imagined.item,
        items.map(({ id, name }) => ({ value: id, label: name })),
        (id) =>
          set(
            factsOf(
              catalogue.items.find((one) => one.id === id),
              catalogue.names,
            ),
          ),
      )}
      {own === undefined ? choice("开单机构", imagined.institution, places, (institution) => set({ institution })) : null}
      <Field label="就诊类型">
        <Segmented<Imagined["setting"]>
          value={imagined.setting}
          onChange={(setting) => set({ setting })}
          options={[
            { value: "outpatient", label: "门诊" },
            { value: "inpatient", label: "住院" },
            { value: "emergency", label: "急诊" },
          ]}
        />
      </Field>
      {choice("结果来源机构", imagined.source, places, (source) => set({ source, laboratory: source }))}
      {choice("检测机构", imagined.laboratory, [{ value: "", label: "来源未注明" }, ...places], (laboratory) =>
        set({ laboratory }),
      )}
      <Field label={item?.kind === "imaging" ? "检查于几天前" : "采样于几天前"}>
        <InputNumber
          aria-label="几天前"
          min={0}
          max={3660}
          value={imagined.daysAgo}
          onChange={(daysAgo) => set({ daysAgo: daysAgo ?? 0 })}
        />
      </Field>
      <Field label="报告上的互认标识">
        <AutoComplete
          aria-label="互认标识"
          value={imagined.mark}
          placeholder="没有标识"
          options={marks.filter((mark) => mark !== "").map((value) => ({ value }))}
          onChange={(mark) => set({ mark: mark ?? "" })}
        />
      </Field>
      {item?.kind === "lab" && <LabFields {...{ imagined, set }} />}
      {item?.kind === "imaging" && (
        <Checkbox checked={imagined.images} onChange={(event) => set({ images: event.target.checked })}>
          影像可以调阅（不只有报告）
        </Checkbox>
      )}
      {choice("报告状态", imagined.status, statuses, (status) => set({ status: status as Imagined["status"] }))}
      {choice("与患者的关联", imagined.link, links, (link) => set({ link: link as Imagined["link"] }))}
      {choice("数据来源", imagined.origin, origins, (origin) => set({ origin: origin as Imagined["origin"] }))}
    </section>
  );
}

const statuses = [
  { value: "final", label: "已审核发布" },
  { value: "not-final", label: "未审核或初步" },
  { value: "void", label: "已作废" },
];
const links = [
  { value: "number", label: "身份证号一致" },
  { value: "steward", label: "人工核定" },
  { value: "score", label: "仅相似度匹配" },
];
const origins = [
  { value: "", label: "未注明" },
  { value: "lis", label: "实验室系统" },
  { value: "ris", label: "影像系统" },
  { value: "analyser", label: "仪器原始数据" },
  { value: "poct", label: "床旁检测（POCT）" },
];

function LabFields({ imagined, set }: { readonly imagined: Imagined; readonly set: (change: Partial<Imagined>) => void }) {
  const field = (label: string, name: "unit" | "specimen" | "method") => (
    <Field label={label}>
      <AutoComplete
        aria-label={label}
        value={imagined[name]}
        placeholder="未注明"
        onChange={(value) => set({ [name]: value ?? "" })}
      />
    </Field>
  );
  return (
    <>
      {field("单位", "unit")}
      {field("标本", "specimen")}
      {field("方法", "method")}
    </>
  );
}

function Field({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="field">
      <span className="field-label" aria-hidden>
        {label}
      </span>
      {children}
    </div>
  );
}
