import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled, MinusCircleFilled } from "@ant-design/icons";
import type { CatalogueAnswer } from "../../http/contract/catalogue.ts";
import type { Explained } from "../../http/contract/explanation.ts";
import type { Answered } from "../call.ts";
import { Loading } from "../look/loading.tsx";
import { Tell } from "../look/tell.tsx";
import { groundOf, ruleNames, verdicts, whole } from "./ruling-words.ts";

const icons = {
  holds: CheckCircleFilled,
  may: ExclamationCircleFilled,
  ineligible: CloseCircleFilled,
  elsewhere: MinusCircleFilled,
};

interface RulingProps {
  readonly explained: Answered<Explained> | undefined;
  readonly rules: CatalogueAnswer["rules"];
}

/** What the rules come to, and what each of them said, in the order they are asked. */
export function Ruling({ explained, rules }: RulingProps) {
  if (explained === undefined) return <Loading text="正在判定…" />;
  if (explained.kind === "failed") return <Tell tone="alarm" title="这些条件无法判定，请检查后再试" />;
  const { value } = explained;
  const verdict = value.recognition ?? "elsewhere";
  const { label, hint } = whole[verdict];
  return (
    <section className="ruling" aria-label="判定" aria-live="polite">
      <header className={verdict}>
        <span className="ruling-word">{label}</span>
        <span>{hint}</span>
        {value.daysLeft !== undefined && <span>剩余 {Math.floor(value.daysLeft)} 天</span>}
        {value.certificate !== undefined && <span className="quiet">质评证书 {value.certificate}</span>}
      </header>
      <ol>
        {value.rules.map((rule) => {
          const Icon = icons[rule.verdict];
          return (
            <li key={rule.rule} className={rule.verdict}>
              <Icon aria-hidden />
              <div>
                <h3>
                  {ruleNames[rule.rule] ?? rules.find((one) => one.id === rule.rule)?.question ?? rule.rule}
                  <span className="ruling-verdict">{verdicts[rule.verdict]}</span>
                </h3>
                {rule.causes.map((cause) => (
                  <p key={cause.code}>{cause.text}</p>
                ))}
                <cite>{groundOf(rule)}</cite>
              </div>
            </li>
          );
        })}
      </ol>
      <p className="quiet">规则版本 {value.policy}。以接诊医师判断为标准：系统只提示，不替代医师决定。</p>
    </section>
  );
}
