import { aDictionaries } from "./a-care.ts";
import { type ATable, aColumns } from "./a-columns.ts";
import { aExport, aTables } from "./a-tb.ts";
import { cdaExport } from "./b-cda.ts";
import { type BTable, bExport, bTables } from "./b-snake.ts";
import { cExport, cMessages, mergeMessage, ormMessage } from "./c-hl7.ts";
import { poctExport } from "./c-poct.ts";
import { careOf, noCare } from "./care.ts";
import { castHistory, castOf } from "./cast.ts";
import { certificateExport, certificateRows } from "./certificates.ts";
import { simulate, simulateAt } from "./clinic.ts";
import { dExport } from "./d-tb.ts";
import { createDirtBook, type DirtBook, type DirtNote } from "./dirt.ts";
import { type ANight, soilA } from "./dirt-a.ts";
import { soilB } from "./dirt-b.ts";
import { soilC } from "./dirt-c.ts";
import type { History, SampleExport } from "./events.ts";
import { gb18030, type Row, utf8WithBom } from "./export-files.ts";
import { makePeople, type Person } from "./people.ts";
import { seededRandom } from "./random.ts";
import { sites } from "./sites.ts";
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
  const clinic = joined(simulate(random.fork("clinic"), people, { today, days: options.days }), castHistory(cast, today));
  const history = { ...clinic, care: careOf(random.fork("care"), clinic.visits, clinic.patients) };
  const second = simulateAt(random.fork("second"), people.slice(0, 8), "d", { today, days: options.days });
  const exports = [
    ...exportsOfA(history, today, book),
    ...exportsOfB(history, today, book),
    ...messagesOfC(history, today, book),
    ...documentsOfB(history, today),
    ...listsOfC(history, today),
    ...exportsOfD({ ...second, care: careOf(random.fork("second care"), second.visits, []) }, today),
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
  // The dictionaries come once, with the first delivery.
  const first = nights[0];
  if (first !== undefined) Object.assign(first.tables, aDictionaries([sites["a-0001"], sites["a-0002"]], first.at));
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
  // Only some wards order on paper no more: every eighth sheet has an order of its own.
  const orders = history.sheets
    .filter((sheet) => sheet.visit.patient.site.key === "c-county")
    .filter((sheet, at) => at % 8 === 0 && sheet.orderedAt < today)
    .map(ormMessage);
  const twice = history.patients.filter((one) => one.site.key === "c-county" && one.person.name === "何春燕");
  const [into, from] = twice;
  const merges = into === undefined || from === undefined ? [] : [mergeMessage(from, into, later(today, -3 * dayMs))];
  return [...soilC(messages, book), ...orders, ...merges]
    .sort((one, other) => one.at.getTime() - other.at.getTime())
    .map(cExport);
}

// Documents come weekly; two deliveries are enough to see them.
function documentsOfB(history: History, today: Date): SampleExport[] {
  const [older, newer] = [later(today, -40 * dayMs), later(today, -1 * dayMs)];
  return [
    cdaExport(slice(history, new Date(0), older), day8(older)),
    cdaExport(slice(history, older, newer), day8(newer)),
  ].filter((one) => one !== undefined);
}

// 芦湾镇 keeps its glucose readings in a list of its own.
function listsOfC(history: History, today: Date): SampleExport[] {
  const visits = history.visits.filter((visit) => visit.patient.site.key === "c-town-1" && visit.start < today).slice(0, 12);
  return [poctExport(visits, day8(today))].filter((one) => one !== undefined);
}

// The second hospital joined late: all it has in one delivery, then what changed.
function exportsOfD(history: History, today: Date): SampleExport[] {
  const cut = later(today, -7 * dayMs);
  return [
    dExport(slice(history, new Date(0), cut), day8(cut), cut),
    dExport(slice(history, cut, today), day8(today), today),
  ].filter((one) => one !== undefined);
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
  const { care = noCare } = history;
  const within = (at: Date | undefined) => at !== undefined && at >= from && at < to;
  return {
    patients: history.patients.filter((one) => within(one.registeredAt)),
    visits: history.visits.filter((one) => within(one.start) || (one.kind === "inpatient" && within(one.end))),
    sheets: history.sheets.filter((one) => within(one.reportedAt)),
    imaging: history.imaging.filter((one) => within(one.reviewedAt)),
    care: {
      diagnoses: care.diagnoses.filter((one) => within(one.at)),
      drugs: care.drugs.filter((one) => within(one.at)),
      operations: care.operations.filter((one) => within(one.end)),
      examinations: care.examinations.filter((one) => within(later(one.at, hourMs))),
      allergies: care.allergies.filter((one) => within(one.at)),
      vaccinations: care.vaccinations.filter((one) => within(one.at)),
    },
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
