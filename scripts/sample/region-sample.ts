import { type ATable, aColumns } from "./a-columns.ts";
import { aExport, aTables } from "./a-tb.ts";
import { type BTable, bExport, bTables } from "./b-snake.ts";
import { cExport, cMessages } from "./c-hl7.ts";
import { castHistory, castOf } from "./cast.ts";
import { certificateExport, certificateRows } from "./certificates.ts";
import { simulate } from "./clinic.ts";
import { createDirtBook, type DirtBook, type DirtNote } from "./dirt.ts";
import { type ANight, soilA } from "./dirt-a.ts";
import { soilB } from "./dirt-b.ts";
import { soilC } from "./dirt-c.ts";
import type { History, SampleExport } from "./events.ts";
import { gb18030, type Row, utf8WithBom } from "./export-files.ts";
import { makePeople, type Person } from "./people.ts";
import { seededRandom } from "./random.ts";
import { dashedDay, day8, dayMs, hourMs, later, localDay, stamp } from "./time.ts";

export interface SampleOptions {
  readonly seed: string;
  readonly residents: number;
  /** How far back the history reaches. */
  readonly days: number;
  /** Exports reach to the night before this day. */
  readonly today: Date;
}

/** The whole sample, in memory: for a region of up to some thousand residents. Larger volumes: volume.ts. */
export interface RegionSample {
  readonly exports: readonly SampleExport[];
  readonly people: readonly Person[];
  readonly dirt: readonly DirtNote[];
}

const recentNights = 7;

/** Makes the region of a seed and a day; the same arguments give the same bytes. */
export function makeRegionSample(options: SampleOptions): RegionSample {
  const today = localDay(dashedDay(options.today), 7);
  const random = seededRandom(options.seed);
  const people = makePeople(random.fork("people"), options.residents, today);
  const cast = castOf(today);
  const book = createDirtBook();
  const history = joined(simulate(random.fork("clinic"), people, { today, days: options.days }), castHistory(cast, today));
  const exports = [
    ...exportsOfA(history, today, book),
    ...exportsOfB(history, today, book),
    ...messagesOfC(history, today, book),
    ...certificates(today),
  ];
  return { exports, people: [...people, ...cast.map((one) => one.person)], dirt: book.notes };
}

function exportsOfA(history: History, today: Date, book: DirtBook): SampleExport[] {
  const nights: ANight[] = periods(today).map(({ name, from, to }) => ({
    name,
    at: to,
    tables: aTables(slice(history, from, to), to),
  }));
  soilA(nights, book);
  // Two encodings in one feed: the indicators of one of the last nights were saved by hand as UTF-8.
  const byHand = nights.filter((night) => night.tables.TB_LIS_INDICATORS.length > 0).at(-2)?.name;
  const made = nights.map((night) => {
    const encode = (text: string, table: ATable) =>
      night.name === byHand && table === "TB_LIS_INDICATORS" ? utf8WithBom(text) : gb18030(text);
    const delivery = aExport(night.tables, night.name, encode);
    for (const table of Object.keys(aColumns) as ATable[]) {
      const file = `a-tb/${night.name}/${table}_${night.name}.csv`;
      settleCsv(book, file, night.tables[table]);
      if (night.name === byHand && table === "TB_LIS_INDICATORS")
        book.add({ kind: "other-encoding", file, line: 1, what: "UTF-8 with byte order mark" });
    }
    return delivery;
  });
  // A night on which nothing happened is not delivered.
  return made.filter((one) => one.files.length > 0);
}

// Rows with a line break inside a cell take more than one line.
function settleCsv(book: DirtBook, file: string, rows: readonly Row[]): void {
  let line = 2;
  for (const row of rows) {
    book.settle(file, [row], line);
    line += 1 + Object.values(row).join("").split("\r\n").length - 1;
  }
}

function exportsOfB(history: History, today: Date, book: DirtBook): SampleExport[] {
  const deliveries = periods(today, 3).map(({ name, from, to }) => ({
    name,
    at: to,
    tables: bTables(slice(history, from, to), to),
  }));
  soilB(deliveries, book);
  return deliveries.map(({ name, at, tables }) => {
    for (const table of Object.keys(tables) as BTable[])
      book.settle(`b-snake/${name}/b_export_${name}.json#${table}`, tables[table], 1);
    return bExport(tables, name, at);
  });
}

function messagesOfC(history: History, today: Date, book: DirtBook): SampleExport[] {
  const messages = cMessages(history).filter((message) => message.at < today);
  return soilC(messages, book).map(cExport);
}

// The list comes twice: what is withdrawn today was still valid in the first.
function certificates(today: Date): SampleExport[] {
  const rows = certificateRows(today);
  const withdrawn = rows.filter((row) => row.结果 === "撤销");
  const first = rows.map((row) => (row.结果 === "撤销" ? { ...row, 结果: "合格" } : row));
  const update = withdrawn.map((row) => ({ ...row, 备注: "能力验证不合格", 更新时间: stamp(later(today, -3 * dayMs)) }));
  return [certificateExport(first, later(today, -30 * dayMs)), certificateExport(update, later(today, -2 * dayMs))];
}

interface Period {
  readonly name: string;
  readonly from: Date;
  readonly to: Date;
}

/** `history`, then the last nights one by one; a night's job runs at 02:00. */
function periods(today: Date, nights = recentNights): Period[] {
  const cut = (daysAgo: number) => later(localDay(dashedDay(later(today, -daysAgo * dayMs))), 2 * hourMs);
  const recent = Array.from({ length: nights }, (_, at) => nights - at).map((daysAgo) => ({
    name: day8(cut(daysAgo - 1)),
    from: cut(daysAgo),
    to: cut(daysAgo - 1),
  }));
  const start = cut(nights);
  return [{ name: `${day8(start)}-history`, from: new Date(0), to: start }, ...recent];
}

/** What happened between two nightly jobs; a stay shows at its beginning and again at its end. */
function slice(history: History, from: Date, to: Date): History {
  const within = (at: Date | undefined) => at !== undefined && at >= from && at < to;
  return {
    patients: history.patients.filter((one) => within(one.registeredAt)),
    visits: history.visits.filter((one) => within(one.start) || (one.kind === "inpatient" && within(one.end))),
    sheets: history.sheets.filter((one) => within(one.reportedAt)),
    imaging: history.imaging.filter((one) => within(one.reviewedAt)),
  };
}

function joined(one: History, other: History): History {
  return {
    patients: [...one.patients, ...other.patients],
    visits: [...one.visits, ...other.visits],
    sheets: [...one.sheets, ...other.sheets],
    imaging: [...one.imaging, ...other.imaging],
  };
}
