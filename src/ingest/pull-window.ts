import type { Pull } from "./pull-file.ts";
import type { TableFrom, TableSession, TableWindow } from "./table-source.ts";

/** How far each table has been pulled: its watermark, by the feed's name of the table. */
export type Watermarks = Readonly<Record<string, string>>;

/** What one pull reads, and the watermarks it reaches; `more` = it ended early because of `span`, and the next one follows at once. */
export interface PullPlan {
  readonly windows: ReadonlyMap<string, TableWindow>;
  readonly reached: Watermarks;
  readonly more: boolean;
}

/** Most numbers one pull covers. */
const numbersAtOnce = 500_000;

/**
 * The windows of the next pull: each begins `overlap` before the watermark, so that a row whose transaction ended late is still met, and ends at the
 * database's own time (or largest number) now: a row dated in the future never moves the watermark past those that are still to come.
 */
export async function planPull(
  pull: Pull,
  known: Watermarks,
  session: Pick<TableSession, "clock" | "largest">,
): Promise<PullPlan> {
  const windows = new Map<string, TableWindow>();
  const reached: Record<string, string> = {};
  let more = false;
  const clock = await session.clock();
  for (const [name, table] of Object.entries(pull.tables)) {
    const from: TableFrom = table.from === undefined ? { query: table.query ?? "" } : { table: table.from };
    const watermark = known[name] ?? (table.kind === "time" ? pull.start : String(table.start));
    const span =
      table.kind === "time"
        ? timeSpan(watermark, clock, pull)
        : numberSpan(watermark, (await session.largest(from, table.watermark)) ?? watermark, table.overlap);
    more ||= span.more;
    reached[name] = span.upTo;
    windows.set(name, { from, column: table.watermark, kind: table.kind, after: span.after, upTo: span.upTo });
  }
  return { windows, reached, more };
}

interface Span {
  readonly after: string;
  readonly upTo: string;
  readonly more: boolean;
}

function timeSpan(watermark: string, clock: string, { overlap, span }: Pull): Span {
  const end = shifted(watermark, span);
  const more = end < clock;
  // A clock that was set back never sets the watermark back.
  const upTo = more ? end : clock < watermark ? watermark : clock;
  return { after: shifted(watermark, -overlap), upTo, more };
}

function numberSpan(watermark: string, largest: string, overlap: number): Span {
  const begin = BigInt(watermark);
  const last = BigInt(largest.replace(/\..*/, ""));
  const end = begin + BigInt(numbersAtOnce);
  const more = end < last;
  const upTo = more ? end : last < begin ? begin : last;
  return { after: String(begin - BigInt(overlap)), upTo: String(upTo), more };
}

/** A local time `YYYY-MM-DD[ HH:MM:SS[.ffffff]]` moved by `ms`, cut to milliseconds. */
function shifted(local: string, ms: number): string {
  const [day = "", clock = "00:00:00"] = local.split(" ");
  const at = new Date(`${day}T${clock.slice(0, 12)}Z`).getTime() + ms;
  return `${new Date(at).toISOString().slice(0, 23).replace("T", " ")}000`;
}
