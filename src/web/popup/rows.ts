import type { Answer, Line, Panel, Result } from "./answer.ts";

/**
 * What a row says at a glance: the best of its lines; `nothing` = the sources that were asked answered, and none has a result; `unasked` = no
 * source was asked, which is never the same.
 */
export type Verdict = "must" | "may" | "ineligible" | "unknown" | "nothing" | "unasked" | "unlisted";

/** One ordered item: a row of the pop-up's table. */
export interface Row {
  /** Unique in the table. */
  readonly key: string;
  readonly order: string;
  readonly item?: string;
  readonly name: string;
  readonly result: Result;
  readonly verdict: Verdict;
  /** Another institution's results that may be recognised, the recommended first. */
  readonly usable: readonly Line[];
  /** A result flagged as critical: shown first, never recommended. */
  readonly critical?: Line;
  /** Institutions that did not answer. */
  readonly silent: readonly Line[];
}

/** A result somebody wants to read or to report as faulty. */
export interface Picked {
  readonly row: Row;
  readonly line: Line;
}

/** The rows of one draft order: itself, or for a panel its members under the panel's advice. */
export interface Group {
  readonly order: string;
  readonly title: string;
  readonly panel?: Panel;
  readonly rows: readonly Row[];
}

const ranks = { must: 0, may: 1, ineligible: 2, unknown: 3 } as const;

/** One group per draft order, in the order of the draft; `names` is what the hospital's own screen calls them. */
export function groupsOf(
  answer: Pick<Answer, "results" | "panels" | "asked">,
  names: Readonly<Record<string, string>> = {},
): Group[] {
  const orders = [...new Set(answer.results.map((result) => result.order))];
  return orders.map((order) => {
    const panel = answer.panels.find((one) => one.order === order);
    const rows = answer.results
      .filter((result) => result.order === order)
      .map((result) => rowOf(result, { asked: answer.asked, ordered: names[order] }));
    const title = names[order] ?? panel?.name ?? rows[0]?.name ?? order;
    return { order, title, rows, ...(panel === undefined ? {} : { panel }) };
  });
}

function rowOf(result: Result, { asked, ordered }: { asked: Answer["asked"]; ordered: string | undefined }): Row {
  const { order, item, lines } = result;
  const usable = lines.filter((line) => ranks[line.recognition] <= 1 && line.evidence !== undefined).sort(byRank);
  const critical = lines.find((line) => line.critical === true);
  return {
    key: `${order}/${item ?? ""}`,
    order,
    name: result.itemName ?? ordered ?? item ?? order,
    result,
    verdict: verdictOf(result, asked),
    usable,
    silent: lines.filter((line) => line.recognition === "unknown"),
    ...(item === undefined ? {} : { item }),
    ...(critical === undefined ? {} : { critical }),
  };
}

/** `must` before `may`; a critical one after its equals, since it is never the one recommended; else newest first, as they come. */
function byRank(a: Line, b: Line): number {
  return ranks[a.recognition] - ranks[b.recognition] || Number(a.critical === true) - Number(b.critical === true);
}

function verdictOf({ item, lines }: Result, asked: Answer["asked"]): Verdict {
  if (item === undefined) return "unlisted";
  if (lines.length === 0 && asked === "none") return "unasked";
  const best = Math.min(...lines.map((line) => ranks[line.recognition]));
  return (Object.keys(ranks) as (keyof typeof ranks)[]).find((name) => ranks[name] === best) ?? "nothing";
}

/** The line to recognise unless the doctor picks another: none while the newest word on the item is a critical result. */
export function recommended(row: Row): Line | undefined {
  const [first] = row.usable;
  return row.critical === undefined && first?.recognition === "must" ? first : undefined;
}

/** How the platform is told which row is meant. */
export function namedAs({ order, item }: Row): { readonly order: string; readonly item?: string } {
  return { order, ...(item === undefined ? {} : { item }) };
}
