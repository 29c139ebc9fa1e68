import type { ExportIssue } from "./issue-list.ts";

/** What became of the resources and people of an export, counted. Names: a `Fate`, `stubs`, and what identity answered. */
export type Counts = Readonly<Record<string, number>>;

/** How far an export has come: everything up to and including sheet `sheets` is done, these are its counts and the writer's issues. */
export interface Progress {
  readonly sheets: number;
  readonly counts: Counts;
  readonly issues: readonly ExportIssue[];
}

/** The writer's books, kept by place (number of the sheet in the export), so that a resumed run counts nothing twice. */
export interface Ledger {
  /** Work on these places begins; a place is done when it was closed as often as it was opened. */
  open(places: readonly number[]): void;
  close(places: readonly number[]): void;
  count(place: number, name: string, by?: number): void;
  issue(place: number, issue: ExportIssue): void;
  /** The finished front of the export: no place at or before it is still worked on. */
  progress(): Progress;
}

interface Page {
  open: number;
  readonly counts: Map<string, number>;
  readonly issues: ExportIssue[];
}

/** `start` is the progress of an earlier run, whose sheets the caller leaves out. */
export function createLedger(start: Progress = { sheets: 0, counts: {}, issues: [] }): Ledger {
  const counts = new Map(Object.entries(start.counts));
  const issues = [...start.issues];
  // Pages stand in the order of the export: places are opened in ascending order.
  const pages = new Map<number, Page>();
  let front = start.sheets;
  const page = (place: number): Page => {
    const found = pages.get(place);
    if (found !== undefined) return found;
    const fresh: Page = { open: 0, counts: new Map(), issues: [] };
    pages.set(place, fresh);
    return fresh;
  };
  const fold = () => {
    for (const [place, { open, counts: mine, issues: told }] of pages) {
      if (open > 0) return;
      for (const [name, by] of mine) counts.set(name, (counts.get(name) ?? 0) + by);
      issues.push(...told);
      pages.delete(place);
      front = Math.max(front, place);
    }
  };
  return {
    open: (places) => places.forEach((place) => void page(place).open++),
    close(places) {
      for (const place of places) page(place).open--;
      fold();
    },
    count(place, name, by = 1) {
      const mine = page(place).counts;
      if (by > 0) mine.set(name, (mine.get(name) ?? 0) + by);
    },
    issue: (place, issue) => void page(place).issues.push(issue),
    progress: () => ({ sheets: front, counts: Object.fromEntries(counts), issues: [...issues] }),
  };
}
