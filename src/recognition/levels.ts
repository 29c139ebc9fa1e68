import type { Basis } from "./policy-schema.ts";
import type { Party } from "./rules/rule.ts";

/**
 * Whether the laboratory's 级 and 等 let its results count at the ordering institution: within one band, and from a higher band down
 * (江苏 苏卫医政〔2022〕18号: 二级甲等及以上之间、二级乙等及以下之间互认，后者对前者予以认可). Without bands every 级等 is one of its own.
 * An institution without a grade, or in no band, gives nothing by level.
 */
export function countsByLevel(laboratory: Party, ordering: Party, bands: Basis["bands"]): boolean {
  const theirs = rankOf(laboratory, bands);
  return theirs > 0 && theirs >= rankOf(ordering, bands);
}

/** Greater is higher, 0 is none. Without bands: 三甲 above 三乙 above 三丙 above 三级 without 等 above 二甲 … */
function rankOf({ level: { ji, deng } }: Party, bands: Basis["bands"]): number {
  if (bands === undefined) return ji >= 1 && ji <= 3 ? ji * 10 + ({ 甲: 3, 乙: 2, 丙: 1 }[deng] ?? 0) : 0;
  const band = bands.findIndex((grades) => grades.includes(`${ji}${deng}`) || grades.includes(String(ji)));
  return band === -1 ? 0 : bands.length - band;
}
