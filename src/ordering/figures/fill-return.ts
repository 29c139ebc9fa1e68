import type { Catalogue } from "../../recognition/catalogue.ts";
import { type Certificates, certificateOn, isGood } from "../../recognition/certificates.ts";
import type { Item } from "../../recognition/policy-schema.ts";
import type { Party } from "../../recognition/rules/rule.ts";
import type { ReturnColumn, ReturnTemplate } from "./return-template.ts";
import type { MonthFigures, Tally } from "./tally.ts";

/** What a return is filled from. `day` = the last of the period (or today): whose certificates count. */
interface ReturnGrounds {
  readonly months: readonly MonthFigures[];
  readonly institutions: readonly Party[];
  readonly catalogue: Catalogue;
  readonly certificates: Certificates;
  readonly day: string;
  readonly today: string;
}

/** A row: a class of institutions, and a number per column in the template's order. */
interface ReturnRow {
  readonly id: string;
  readonly title: string;
  readonly values: readonly number[];
}

/** Fills a return: one row per class of institutions and their total at the end. Counts and 元 (two decimals). */
export function fillReturn(template: ReturnTemplate, grounds: ReturnGrounds): ReturnRow[] {
  const rows = template.classes.map(({ id, title, ji }) => {
    const parties = grounds.institutions.filter((one) => (ji as readonly number[]).includes(one.level.ji));
    return { id, title, values: template.columns.map((column) => numberFor(column, parties, grounds)) };
  });
  const all = grounds.institutions.filter((one) =>
    template.classes.some(({ ji }) => (ji as readonly number[]).includes(one.level.ji)),
  );
  return [...rows, { id: "total", title: "合计", values: template.columns.map((column) => numberFor(column, all, grounds)) }];
}

function numberFor(column: ReturnColumn, parties: readonly Party[], grounds: ReturnGrounds): number {
  if ("count" in column) return parties.length;
  if ("certified" in column) {
    const certified = parties.flatMap((party) => {
      const items = certifiedItems(party, column, grounds);
      return items.length === 0 ? [] : [items];
    });
    return column.certified === "institutions" ? certified.length : new Set(certified.flat()).size;
  }
  const codes = new Set<string>(parties.map((one) => one.code));
  const months = grounds.months.filter((one) => codes.has(one.institution));
  const sum = months.reduce((total, month) => total + summed(column, month, grounds.catalogue), 0);
  return column.as === "yuan" ? Math.round(sum) / 100 : sum;
}

function certifiedItems(
  { code }: Party,
  { kind, level }: Extract<ReturnColumn, { certified: unknown }>,
  { catalogue, certificates, day, today }: ReturnGrounds,
): string[] {
  const on = { day, today, carryOverDays: catalogue.head.certificateCarryOverDays };
  const items = [...catalogue.items.values()].filter((item) => item.kind === kind);
  return items
    .filter(({ id }) =>
      isGood(certificateOn(certificates.of(code, id), on, (one) => level === undefined || one.level === level).state),
    )
    .map(({ id }) => id);
}

function summed(column: Extract<ReturnColumn, { sum: unknown }>, month: MonthFigures, catalogue: Catalogue): number {
  const { sum, role, of, unit } = column;
  const value = (tally: Tally | undefined) => tally?.[unit][sum] ?? 0;
  const { total, by } = month[role];
  if (of === undefined) return value(total);
  const chosen = Object.entries(by.item).filter(([id]) => isOf(catalogue.items.get(id), of));
  return chosen.reduce((all, [, tally]) => all + value(tally), 0);
}

function isOf(
  item: Item | undefined,
  { kind, modalities }: { kind?: string | undefined; modalities?: string[] | undefined },
): boolean {
  if (item === undefined || (kind !== undefined && item.kind !== kind)) return false;
  if (modalities === undefined) return true;
  return item.kind === "imaging" && item.modalities.some((one) => modalities.includes(one));
}
