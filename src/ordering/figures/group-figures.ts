import type { Party } from "../../recognition/rules/rule.ts";
import type { Dimension, Role } from "./measures.ts";
import { isClosed, type Rates, ratesOf } from "./rates.ts";
import { type BrokenDown, type MonthFigures, sumOf, sumOfBroken, type Tally } from "./tally.ts";

/** By what figures are listed: one row per institution, 级等, month, or key of a breakdown. */
type Grouping = "institution" | "level" | "month" | Dimension;

/** One line: what was counted, its rates, and whether every refusal in it has its reason and nothing waits. */
interface FiguresRow extends Tally {
  readonly key: string;
  readonly name: string;
  readonly rates: Rates;
  readonly closed: boolean;
}

/** What names stand for keys. */
export interface Names {
  readonly institutionOf: (code: string) => Party | undefined;
  readonly itemName: (id: string) => string | undefined;
  readonly reasonName: (code: string) => string | undefined;
}

const settings: Readonly<Record<string, string>> = { outpatient: "门诊", inpatient: "住院", emergency: "急诊" };
const notTold = "未提供";

/** Months of institutions as rows of one grouping, and their total. */
export function groupFigures(
  months: readonly MonthFigures[],
  { by, role, names }: { readonly by: Grouping; readonly role: Role; readonly names: Names },
): { readonly total: FiguresRow; readonly rows: readonly FiguresRow[] } {
  const departments = Object.assign({}, ...months.map((one) => one.departments)) as Record<string, string>;
  const nameOf = namer(by, names, departments);
  const rows = [...tallies(months, { by, role, names })].map(([key, tally]) =>
    rowOf({ key, name: nameOf(key) }, tally, role === "recogniser" && !withoutReports.has(by)),
  );
  const total = sumOf(months.map((one) => one[role].total));
  return { total: rowOf({ key: "", name: "合计" }, total, role === "recogniser"), rows };
}

/** Reports are counted by institution and item: nothing is known of their department, setting, reason. */
const withoutReports: ReadonlySet<Grouping> = new Set(["department", "reason", "setting", "partner"]);

function tallies(
  months: readonly MonthFigures[],
  { by, role, names }: { by: Grouping; role: Role; names: Names },
): Iterable<readonly [string, Tally]> {
  const summed = (key: (one: MonthFigures) => string) => {
    const groups = [...Map.groupBy(months, key)].sort(([a], [b]) => (a < b ? -1 : 1));
    return groups.map(([name, some]) => [name, sumOf(some.map((one) => one[role].total))] as const);
  };
  switch (by) {
    case "institution":
      return summed((one) => one.institution);
    case "level":
      return summed((one) => levelOf(names.institutionOf(one.institution)));
    case "month":
      return summed((one) => one.month);
    default: {
      const broken: BrokenDown = sumOfBroken(months.map((one) => one[role]));
      return Object.entries(broken.by[by]);
    }
  }
}

function rowOf(of: { readonly key: string; readonly name: string }, tally: Tally, reported: boolean): FiguresRow {
  return { ...of, ...tally, rates: ratesOf(tally, reported), closed: isClosed(tally) };
}

function namer(by: Grouping, names: Names, departments: Readonly<Record<string, string>>): (key: string) => string {
  const institution = (key: string) => names.institutionOf(key)?.name;
  const known: Record<Grouping, (key: string) => string | undefined> = {
    institution,
    partner: institution,
    level: (key) => (key === "9" ? "未定级" : key.replace(/^(\d)/, "$1级")),
    month: (key) => key,
    item: names.itemName,
    department: (key) => (key === "-" ? notTold : departments[key]),
    reason: names.reasonName,
    setting: (key) => settings[key],
  };
  return (key) => known[by](key) ?? key;
}

/** `3甲`; 9 = not graded. */
export function levelOf(party: Party | undefined): string {
  if (party === undefined || party.level.ji === 9) return "9";
  return `${party.level.ji}${party.level.deng}`;
}
