import type { Line } from "./answer.ts";

const effects = { may: "需医师判断", ineligible: "不符合", note: "提示" } as const;

/** Why the rules say what they say, each with its clause. Nothing said against it = every rule holds. */
export function Reasons({ reasons }: { readonly reasons: Line["reasons"] }) {
  const against = reasons.some((reason) => reason.effect === "may" || reason.effect === "ineligible");
  return (
    <>
      {!against && <p className="holds">全部互认条件均满足。</p>}
      <ul className="why">
        {reasons.map((reason) => (
          <li key={`${reason.rule ?? ""}${reason.code}`} className={`says-${reason.effect ?? "note"}`}>
            <span className="effect">{effects[reason.effect ?? "note"]}</span>
            <span>{reason.text}</span>
            {reason.clause !== undefined && <cite>{reason.clause}</cite>}
          </li>
        ))}
      </ul>
    </>
  );
}
