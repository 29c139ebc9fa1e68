import type { InstitutionCode } from "../../kernel/brand.ts";
import type { Catalogue } from "../catalogue.ts";
import type { Certificates } from "../certificates.ts";
import type { Item, Setting, Window } from "../policy-schema.ts";
import type { Prior } from "../prior.ts";
import type { RegionPath } from "../scopes.ts";

/** An institution as far as recognition cares: where it lies, its 级 and 等, who owns it, which alliances (医联体) it is in. */
export interface Party {
  readonly code: InstitutionCode;
  readonly name: string;
  readonly region: RegionPath;
  /** 级 1 to 3 (9 = not graded) and 等 甲 乙 丙. */
  readonly level: { readonly ji: number; readonly deng: string };
  readonly ownership: string;
  readonly alliances: readonly string[];
}

/** A draft order of one item. */
export interface Order {
  readonly item: Item;
  readonly institution: Party;
  readonly setting: Setting;
  /** 急诊、急救等紧急状态 (国卫医发〔2022〕6号 第十七条). */
  readonly emergency: boolean;
  /** Analyser of the ordering laboratory, where the order names it; else the policy's `platforms` say which it uses. */
  readonly platform?: string;
  /** Code of the 诊疗科目 that orders, and campus in which it does, where they are known. */
  readonly department?: string;
  readonly campus?: string;
}

/** Everything one rule may look at. */
export interface Facts {
  readonly prior: Prior;
  readonly order: Order;
  /** It is the ordering institution's own: no mark needed, its own window, never counted as 互认. */
  readonly own: boolean;
  readonly window: Window | undefined;
  /** From when the days count, already no later than the report; undefined when the result is undated. */
  readonly anchor: Date | undefined;
  readonly catalogue: Catalogue;
  readonly certificates: Certificates;
  readonly institutionOf: (code: string) => Party | undefined;
  readonly now: Date;
}

/** Why a rule said what it said: a code with a sentence in the policy, and the numbers and codes that go into it (never a person). */
export interface Cause {
  readonly code: string;
  readonly facts?: Readonly<Record<string, string | number>>;
}

/** What covers the ordering institution, kept as evidence. */
export interface Cover {
  readonly basis: string;
  readonly certificate?: string;
  readonly state?: string;
}

/** `fails` with `may` leaves the result to the doctor's judgement, with `ineligible` takes it out, with `elsewhere` means it is no result for this order at all. */
export type Judgement =
  | { readonly kind: "holds"; readonly notes?: readonly Cause[]; readonly daysLeft?: number; readonly cover?: Cover }
  | { readonly kind: "fails"; readonly effect: "may" | "ineligible" | "elsewhere"; readonly causes: readonly Cause[] };

/** One question about one earlier result, and the law it comes from. Regions switch rules on, order them and give their own clause; they cannot change the question. */
export interface RecognitionRule {
  readonly id: string;
  readonly question: string;
  readonly law: string;
  /** Asked of the institution's own earlier results too. */
  readonly own: boolean;
  /** A policy without this rule is refused. */
  readonly required: boolean;
  /** Every cause it can give; the policy must have a sentence for each. */
  readonly causes: readonly string[];
  judge(facts: Facts): Judgement;
}

/** The rule holds, with nothing to say. */
export const holds: Judgement = { kind: "holds" };

/** The rule fails and takes the result out, for this cause. */
export function ineligible(code: string, facts?: Cause["facts"]): Judgement {
  return { kind: "fails", effect: "ineligible", causes: [facts === undefined ? { code } : { code, facts }] };
}

/** The rule fails in a way that leaves the result to the doctor. */
export function may(code: string, facts?: Cause["facts"]): Judgement {
  return { kind: "fails", effect: "may", causes: [facts === undefined ? { code } : { code, facts }] };
}
