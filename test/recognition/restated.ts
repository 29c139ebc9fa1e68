import type { GivenResult } from "./described-results.ts";
import { now } from "./generated.ts";
import { type GivenCertificate, type GivenOrder, instantOf, institutionOf } from "./laboratory.ts";

// The algorithm of the field, written down once more as plainly as it is told and without any of the program's own parts: what both say is right twice.

/** What an item of the stories asks, as the two policies have it. */
const items: Readonly<
  Record<string, { days: number; units: readonly string[] | undefined; specimen: string; methodBound?: true }>
> = {
  creatinine: { days: 30, units: ["umol/L", "mg/dL"], specimen: "血清" },
  potassium: { days: 7, units: ["mmol/L"], specimen: "血清" },
  hba1c: { days: 60, units: ["%"], specimen: "全血", methodBound: true },
  hbsag: { days: 30, units: undefined, specimen: "血清" },
  glucose: { days: 30, units: ["mmol/L", "mg/dL"], specimen: "血清" },
  lithium: { days: 7, units: ["mmol/L"], specimen: "血清" },
};

/** Items of which this restatement speaks. */
export const restatedItems: readonly string[] = Object.keys(items);

/** Which region lies in which. */
const within: Readonly<Record<string, string>> = {
  苇塘县: "临湖市",
  临湖市: "临湖省",
  临湖省: "全国",
  武汉市: "湖北省",
  荆州市: "湖北省",
  湖北省: "全国",
  北京市: "京津冀",
  京津冀: "全国",
};
const shortNames: Readonly<Record<string, string>> = { 临: "临湖省", 鄂: "湖北省", 武汉: "武汉市", 荆州: "荆州市" };
const lies = (inner: string | undefined, outer: string): boolean =>
  inner !== undefined && (inner === outer || lies(within[inner], outer));
const isRegion = (name: string): boolean => name === "全国" || name in within;

/** Where an institution lies, as narrowly as the region's policy knows it. */
function placeOf(code: string | null | undefined, region: string): string | undefined {
  const { county, city, province } = institutionOf(code ?? "")?.region ?? { province: "" };
  const known = [county, city, province].filter((name) => name !== undefined && isRegion(name));
  // 荆州市 is a place in 湖北's policy only.
  return known.find((name) => region === "hubei" || name !== "荆州市");
}

/** What must come out, or undefined where the restatement does not speak (the institution's own results). */
export function restated(
  given: GivenResult,
  order: GivenOrder,
  list: readonly GivenCertificate[],
  region: string,
): "must" | "may" | "ineligible" | undefined {
  if (given.source === order.institution) return undefined;
  const item = items[given.item ?? ""];
  if (item === undefined) return undefined;
  if (given.link === "score" || !["final", "amended"].includes(given.status ?? "final")) return "ineligible";
  if (given.value === null || given.origin === "poct" || !isComparable(given, item)) return "ineligible";
  if (item.methodBound && given.method !== null && given.method !== "HPLC") return "ineligible";
  const collected = given.collected ? instantOf(given.collected).getTime() : undefined;
  if (collected === undefined) return "ineligible";
  const test = Math.min(collected, given.reported ? instantOf(given.reported).getTime() : Number.POSITIVE_INFINITY);
  const minutes = (now.getTime() - test) / 60_000;
  if (minutes > item.days * 1_440 || minutes < -10) return "ineligible";
  if (order.emergency || (item.methodBound && given.method === null)) return "may";
  return isCovered({ given, order, list, region, day: dayOf(test) }) ? "must" : "may";
}

const dayOf = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);

function isComparable(given: GivenResult, { units, specimen }: (typeof items)[string]): boolean {
  const specimens = [null, undefined, specimen];
  if (!specimens.includes(given.specimen)) return false;
  if (units === undefined) return true;
  return /^<?[\d.]+$/.test(given.value ?? "") && units.includes(given.unit ?? "");
}

interface Covering {
  readonly given: GivenResult;
  readonly order: GivenOrder;
  readonly list: readonly GivenCertificate[];
  readonly region: string;
  readonly day: string;
}

function isCovered(asked: Covering): boolean {
  const laboratory = institutionOf(asked.given.laboratory ?? "");
  const orderer = institutionOf(asked.order.institution ?? "");
  if (laboratory === undefined || orderer === undefined) return false;
  if (laboratory.alliances.some((one) => orderer.alliances.includes(one))) return true;
  const marks = (asked.given.mark ?? "").split(/、| /).filter((mark) => mark !== "");
  if (!marks.some((mark) => isBacked(mark, asked))) return false;
  if (asked.region !== "hubei") return true;
  // 湖北: between public hospitals, from the same 级 or a higher one.
  const graded = laboratory.level.ji <= 3 && orderer.level.ji <= 3 && laboratory.level.ji >= orderer.level.ji;
  return graded && laboratory.ownership === "public" && orderer.ownership === "public";
}

function isBacked(mark: string, asked: Covering): boolean {
  const { given, order, region } = asked;
  const target = placeOf(order.institution, region);
  const home = placeOf(given.laboratory, region);
  const starred = /^[★*]/.test(mark);
  const plain = mark.replace(/^[★*]/, "");
  const meant = plain === "" && starred && region === "hubei" && lies(home, "湖北省") ? "鄂HR" : plain;
  if (!meant.endsWith("HR") || target === undefined) return false;
  const words = meant.slice(0, -2);
  if (words === "") return passes(asked, (scope) => lies(target, scope));
  const level = { 本省: /省$/, 本市: /市$/ }[words];
  const scope = level === undefined ? (shortNames[words] ?? words) : upTo(home, level);
  if (scope === undefined || !isRegion(scope) || (region !== "hubei" && scope === "荆州市")) return false;
  return lies(target, scope) && passes(asked, (certified) => lies(scope, certified));
}

function upTo(place: string | undefined, level: RegExp): string | undefined {
  if (place === undefined || level.test(place)) return place;
  return upTo(within[place], level);
}

/** Whether some body's word holds on the day of the test for a region that is wide enough. */
function passes({ given, list, day }: Covering, isWide: (region: string) => boolean): boolean {
  const mine = list.filter((one) => one.laboratory === given.laboratory && (one.from ?? "") <= day);
  return mine.some((one) => {
    const isPass =
      one.result === "passed" || (one.result === "withdrawn" && one.withdrawnFrom !== undefined && one.withdrawnFrom > day);
    const lasts = Date.parse(day) <= Date.parse(one.to ?? "") + 90 * 86_400_000;
    const overruled = mine.some((other) => {
      const isLater = `${other.from} ${other.id}` > `${one.from} ${one.id}`;
      const isBad = other.result === "failed" || (other.result === "withdrawn" && (other.withdrawnFrom ?? "") <= day);
      return other.body === one.body && isLater && isBad;
    });
    return isPass && lasts && !overruled && one.region !== "火星" && isWide(one.region ?? "");
  });
}
