import type { Resource } from "@medplum/fhirtypes";
import type { ExportIssue } from "../../src/ingest/issue-list.ts";
import type { Feed } from "../../src/mapping/compile-feed.ts";
import type { ExportFile, MappedSheet, MappingDeps, MappingReport, ObservedRow } from "../../src/mapping/mapped.ts";
import { mapWhole } from "./map-whole.ts";
import { platformCheck, type RequiredElements, watchProfiles } from "./profile-issues.ts";

/** Issues that say the same thing, with the first few places. */
export interface IssueGroup {
  readonly code: string;
  readonly severity: ExportIssue["severity"];
  readonly reason: string;
  readonly field?: string;
  readonly element?: string;
  /** `a-tb/lab-report:14`: where in the mapping. */
  readonly mapping?: string;
  count: number;
  readonly places: string[];
}

/** What one export gave, counted; nothing of it grows with the export. */
export interface Survey {
  readonly report: MappingReport;
  readonly sheets: number;
  readonly issues: readonly IssueGroup[];
  /** Resources by type. */
  readonly resources: ReadonlyMap<string, number>;
  /** Resources in which an element is filled, by template and element. */
  readonly filled: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Rows that have a value, by table and column. */
  readonly cells: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** What the platform's profiles require, by profile. */
  readonly required: ReadonlyMap<string, RequiredElements>;
}

const mostGroups = 400;
const placesKept = 20;

/** Maps an export once and counts everything, also what ingest would refuse by its profile; `see` may look at what passes. */
export async function survey(
  feed: Feed,
  files: readonly ExportFile[],
  deps: MappingDeps,
  see: { sheet?(sheet: MappedSheet): void; issue?(issue: ExportIssue): void } = {},
): Promise<Survey> {
  const groups = new Map<string, IssueGroup>();
  const resources = new Map<string, number>();
  const filled = new Map<string, Map<string, number>>();
  const cells = new Map<string, Map<string, number>>();
  const profiles = watchProfiles(await platformCheck());
  const tell = (issue: ExportIssue) => {
    group(groups, issue);
    see.issue?.(issue);
  };
  let sheets = 0;
  const { report } = await mapWhole(feed, files, deps, {
    sheet(sheet) {
      sheets++;
      for (const { resource } of sheet.members) {
        raise(resources, resource.resourceType);
        countElements(mapIn(filled, sheet.mapping), resource);
      }
      for (const issue of profiles.issuesOf(sheet)) tell(issue);
      see.sheet?.(sheet);
    },
    issue: tell,
    options: { observe: (row: ObservedRow) => countCells(mapIn(cells, row.table), row) },
  });
  const issues = [...groups.values()].sort((a, b) => b.count - a.count);
  return { report, sheets, issues, resources, filled, cells, required: profiles.required };
}

function countCells(counts: Map<string, number>, row: ObservedRow): void {
  for (const [name, { text }] of Object.entries(row.cells)) if (text !== undefined && text.trim() !== "") raise(counts, name);
}

function countElements(counts: Map<string, number>, resource: Resource): void {
  const seen = new Set<string>();
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, path);
    else if (typeof value === "object" && value !== null && !("rawJSON" in value)) {
      for (const [name, inner] of Object.entries(value)) walk(inner, `${path}.${name}`);
    } else seen.add(path);
  };
  const { resourceType, id: _, ...rest } = resource;
  walk(rest, resourceType);
  for (const path of seen) raise(counts, path);
}

function group(groups: Map<string, IssueGroup>, issue: ExportIssue): void {
  const { code, severity, reason, field, element, mapping, mappingLine, file, line } = issue;
  const place = mapping === undefined ? undefined : `${mapping}${mappingLine ? `:${mappingLine}` : ""}`;
  const key = [code, field ?? "", element ?? "", place ?? "", reason.replace(/\(like .*?\)/, "")].join("\0");
  const found = groups.get(key) ?? (groups.size < mostGroups ? undefined : groups.get(`${code}\0rest`));
  const where = line === undefined ? file : `${file}:${line}`;
  if (found !== undefined) {
    found.count++;
    if (found.places.length < placesKept) found.places.push(where);
    return;
  }
  const isRest = groups.size >= mostGroups;
  groups.set(isRest ? `${code}\0rest` : key, {
    code,
    severity,
    reason: isRest ? "…" : reason,
    ...(field === undefined || isRest ? {} : { field }),
    ...(element === undefined || isRest ? {} : { element }),
    ...(place === undefined || isRest ? {} : { mapping: place }),
    count: 1,
    places: [where],
  });
}

function mapIn<V>(maps: Map<string, Map<string, V>>, name: string): Map<string, V> {
  const found = maps.get(name) ?? new Map<string, V>();
  maps.set(name, found);
  return found;
}

function raise(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
