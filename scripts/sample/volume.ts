import { sha256 } from "../../src/kernel/crypto-suite.ts";
import { type ATable, aColumns } from "./a-columns.ts";
import { aTables } from "./a-tb.ts";
import { labSheet } from "./clinic.ts";
import type { History, LabSheet, Visit } from "./events.ts";
import { csvText, gb18030 } from "./export-files.ts";
import { freshVisit } from "./fresh.ts";
import { items, type Panel, panels } from "./items.ts";
import { freshResident, type Person } from "./people.ts";
import { dayMs, later, minuteMs } from "./time.ts";

/** A large export of A, made while it is read: memory does not grow with `reports`. */
export interface Volume {
  readonly files: readonly { readonly name: string; chunks(): Generator<Buffer> }[];
  /** FHIR resources the mapping makes of it: patients, visits, reports with their specimen and their rows. */
  readonly resources: number;
  readonly rows: number;
  /** The residents in it; every one has `reports / residents` reports. */
  person(index: number): Person;
}

export interface VolumeOptions {
  readonly seed: string;
  readonly residents: number;
  readonly reports: number;
  /** Reports are spread over this many days before `today`. */
  readonly days: number;
  readonly today: Date;
}

const panelNames = Object.keys(panels) as Panel[];
const block = 500;

/** An `a-tb` export of any size; the same options give the same bytes. About 12 resources a report. */
export function volumeOfA(options: VolumeOptions): Volume {
  const person = (index: number) =>
    freshResident({ seed: `${options.seed}/${index % options.residents}`, today: options.today });
  // Two volumes of different seeds have report numbers of their own: they may be delivered to one platform.
  const series = `7${Number.parseInt(sha256(options.seed).slice(0, 6), 16) % 100_000}`;
  const panelAt = (index: number) => panelNames[(index + Math.floor(index / options.residents)) % panelNames.length] ?? "ELEC";
  const rowsIn = (index: number) => items.filter((item) => item.panel === panelAt(index)).length;
  const results = Array.from({ length: options.reports }, (_, index) => rowsIn(index)).reduce((sum, count) => sum + count, 0);
  const sheetAt = (index: number): LabSheet => {
    const ago = (index * 7919) % (options.days * 1440);
    const start = later(options.today, -dayMs - ago * minuteMs);
    const visit: Visit = freshVisit(person(index), "a-0001", start);
    const given = items
      .filter((item) => item.panel === panelAt(index))
      .map((item, at) => ({ item, value: valueAt(item, index + at) }));
    return labSheet({
      visit,
      number: `${series}${String(index).padStart(7, "0")}`,
      results: given,
      collectedAt: later(start, 20 * minuteMs),
    });
  };
  const tables: ATable[] = ["TB_YL_PATIENT_INFORMATION", "TB_HIS_MZ_REG", "TB_LIS_REPORT", "TB_LIS_INDICATORS"];
  return {
    person,
    rows: Math.min(options.residents, options.reports) + 2 * options.reports + results,
    resources: Math.min(options.residents, options.reports) + 3 * options.reports + results,
    files: tables.map((table) => ({ name: `${table}_volume.csv`, chunks: () => chunksOf(table, options, sheetAt) })),
  };
}

function* chunksOf(table: ATable, options: VolumeOptions, sheetAt: (index: number) => LabSheet): Generator<Buffer> {
  yield gb18030(csvText(aColumns[table], []));
  for (let from = 0; from < options.reports; from += block) {
    const sheets = Array.from({ length: Math.min(block, options.reports - from) }, (_, at) => sheetAt(from + at));
    const newcomers = sheets.slice(0, Math.max(0, options.residents - from)).map((sheet) => sheet.visit.patient);
    const history: History = { patients: newcomers, visits: sheets.map((sheet) => sheet.visit), sheets, imaging: [] };
    const text = csvText(aColumns[table], aTables(history, options.today)[table]);
    yield gb18030(text.slice(text.indexOf("\r\n") + 2));
  }
}

function valueAt(item: (typeof items)[number], index: number): string {
  if (item.ucum === "") return index % 9 === 0 ? "阳性" : "阴性";
  const low = item.low ?? (item.high ?? 1) * 0.4;
  const high = item.high ?? low * 2;
  return (low + ((high - low) * ((index * 37) % 120)) / 100).toFixed(item.digits);
}
