import { UcumLhcUtils } from "@lhncbc/ucum-lhc";

const judged = new Map<string, string | undefined>();

/**
 * What is wrong with a UCUM code (case-sensitive), or undefined. The library also takes spellings that are UCUM but mean something else than a
 * laboratory means (`G/L` is gauss per litre): against those only the table of unit spellings helps.
 */
export function wrongUcum(code: string): string | undefined {
  if (!judged.has(code)) judged.set(code, judge(code));
  return judged.get(code);
}

function judge(code: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(code))
    return `${code} is no UCUM code: UCUM is written in plain ASCII without blanks (μmol/L is umol/L)`;
  return UcumLhcUtils.getInstance().validateUnitString(code).status === "valid" ? undefined : `${code} is no UCUM code`;
}

/** What UCUM means by a code, in words. */
export function ucumName(code: string): string {
  return String(UcumLhcUtils.getInstance().validateUnitString(code).unit?.name ?? code);
}
