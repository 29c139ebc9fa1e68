import { declineReasonSystem } from "../../recognition/decline-reason-system.ts";
import type { CardCoding } from "./card.ts";
import type { CardContext } from "./card-context.ts";

/**
 * The lawful reasons to examine again (国卫医发〔2022〕6号 第十七条) and those the region added, in the region's order; in an emergency its reason first.
 */
export function overrideReasons({ catalogue, emergency }: Pick<CardContext, "catalogue" | "emergency">): readonly CardCoding[] {
  const system = declineReasonSystem(catalogue.head.region);
  const first = (code: string) => Number(emergency && code === "emergency");
  return [...catalogue.declineReasons]
    .sort((a, b) => first(b.code) - first(a.code))
    .map(({ code, label, text, needsText, counts }) => {
      const more = [needsText ? "须填写说明" : "", counts ? "" : "不计入不互认"].filter((part) => part !== "");
      return { system, code, display: `${label}：${text}${more.length === 0 ? "" : `（${more.join("，")}）`}` };
    });
}
