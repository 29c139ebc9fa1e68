import { createHash } from "node:crypto";
import { aExport, aTables } from "./a-tb.ts";
import { bExport, bTables } from "./b-snake.ts";
import { adtMessage, cExport, oruMessage } from "./c-hl7.ts";
import { labSheet, studyUidOf } from "./clinic.ts";
import type { History, ImagingReport, LabSheet, LocalPerson, SampleExport, Visit } from "./events.ts";
import { imagingItemByKey } from "./imaging-items.ts";
import { itemByKey } from "./items.ts";
import type { Person } from "./people.ts";
import { type SiteKey, sites } from "./sites.ts";
import { day8, dayMs, hourMs, later, minuteMs, stamp14 } from "./time.ts";

/** A result to deliver: key of region/items.csv (`CREA`) and its value in the item's own unit (`86` umol/L, `<0.5`, `阴性`). */
export interface ResultGiven {
  readonly item: string;
  readonly value: string;
  readonly note?: string;
  /** Mark to print instead of the one region/marks.yaml says; `""` = none. */
  readonly mark?: string;
}

/** Which issue of the sheet is delivered; without it the first and only one. The same report number and day = the same sheet. */
export interface IssueGiven {
  readonly reportNumber?: string;
  readonly state?: LabSheet["state"];
  /** Orders the issues; default 130 minutes after collection. `null` = not reviewed. */
  readonly reviewedAt?: Date | null;
}

/** A visit at one site, its numbers computed from resident, site and hour: the same arguments name the same visit. */
export function freshVisit(resident: Person, site: SiteKey, start: Date): Visit {
  const own = sites[site];
  const number = (what: string, length: number) => digits(`${resident.number}/${own.institution}/${what}`, length);
  const patient: LocalPerson = {
    person: resident,
    site: own,
    card: `8${number(`card/${site}`, 9)}`,
    file: `8${number("file", 9)}`,
    registeredAt: later(start, -5 * minuteMs),
  };
  const department = own.departments[0];
  const doctor = own.doctors[0];
  if (department === undefined || doctor === undefined) throw new Error(`${site} has no staff`);
  return {
    patient,
    number: `M${day8(start).slice(2)}${number(`visit/${stamp14(start)}`, 8)}`,
    kind: "outpatient",
    department,
    doctor,
    start,
    end: later(start, 3 * hourMs),
  };
}

/** A's nightly export with one lab report of one resident (patient, visit, report, rows), collected `at`; ready to POST to feed `a-tb`. */
export function labExportOfA(
  resident: Person,
  results: readonly ResultGiven[],
  at: Date,
  issue: IssueGiven & { campus?: "0001" | "0002" } = {},
): SampleExport {
  const sheet = freshSheet(resident, `a-${issue.campus ?? "0001"}`, results, at, issue);
  return aExport(aTables(historyOf(sheet), later(sheet.reportedAt, 6 * hourMs)), nameOf(sheet));
}

/** A's nightly export with one radiology report; `item` is a key of region/imaging.csv that A's feed carries (`CT-CHEST`). */
export function imagingExportOfA(resident: Person, item: string, at: Date): SampleExport {
  const visit = freshVisit(resident, "a-0001", later(at, -hourMs));
  const reviewer = visit.patient.site.reviewers[0] ?? visit.doctor;
  const number = `R${digits(`${resident.number}/${item}/${at.toISOString()}`, 9)}`;
  const report: ImagingReport = {
    visit,
    number,
    studyUid: studyUidOf("a-0001", number),
    item: imagingItemByKey(item),
    state: "final",
    orderedAt: later(at, -20 * minuteMs),
    performedAt: at,
    reportedAt: later(at, 90 * minuteMs),
    reviewedAt: later(at, 110 * minuteMs),
    reviewer,
    mark: "全国HR",
  };
  const history: History = { patients: [visit.patient], visits: [visit], sheets: [], imaging: [report] };
  return aExport(aTables(history, later(at, dayMs)), `${day8(at)}-${number}`);
}

/** B's JSON export with one lab report of one resident, collected `at`; ready to POST to feed `b-snake`. */
export function labExportOfB(
  resident: Person,
  results: readonly ResultGiven[],
  at: Date,
  issue: IssueGiven = {},
): SampleExport {
  const sheet = freshSheet(resident, "b", results, at, issue);
  const exportedAt = later(sheet.reportedAt, 6 * hourMs);
  return bExport(bTables(historyOf(sheet), exportedAt), nameOf(sheet), exportedAt);
}

/** C's two messages about one lab report: ADT^A04 of the visit (`c-adt`), then ORU^R01 (`c-lis`). */
export function labMessagesOfC(
  resident: Person,
  results: readonly ResultGiven[],
  at: Date,
  issue: IssueGiven & { site?: "c-county" | "c-town-1" | "c-town-2" } = {},
): readonly SampleExport[] {
  const sheet = freshSheet(resident, issue.site ?? "c-county", results, at, issue);
  return [checkInMessageOfC(sheet.visit), cExport(oruMessage(sheet))];
}

/** C's ADT^A04 about a visit that just began: the patient checks in. */
export function checkInMessageOfC(visit: Visit): SampleExport {
  return cExport(adtMessage(visit, "A04", later(visit.start, minuteMs), false));
}

function freshSheet(resident: Person, site: SiteKey, results: readonly ResultGiven[], at: Date, issue: IssueGiven): LabSheet {
  const visit = freshVisit(resident, site, later(at, -hourMs));
  const number =
    issue.reportNumber ?? `8${digits(`${resident.number}/${site}/${stamp14(at)}/${results.map((one) => one.item).join()}`, 9)}`;
  const given = results.map(({ item, ...rest }) => ({ item: itemByKey(item), ...rest }));
  const sheet = labSheet({ visit, number, results: given, collectedAt: at, state: issue.state ?? "final" });
  if (issue.reviewedAt === undefined) return sheet;
  const { reviewedAt: _, ...unreviewed } = sheet;
  if (issue.reviewedAt === null) return { ...unreviewed, state: issue.state ?? "preliminary" };
  return { ...sheet, reviewedAt: issue.reviewedAt, reportedAt: later(issue.reviewedAt, 5 * minuteMs) };
}

function historyOf(sheet: LabSheet): History {
  return { patients: [sheet.visit.patient], visits: [sheet.visit], sheets: [sheet], imaging: [] };
}

function nameOf(sheet: LabSheet): string {
  return `${day8(sheet.reportedAt)}-${sheet.number}`;
}

/** That many decimal digits, the same for the same text. */
function digits(text: string, length: number): string {
  return BigInt(`0x${createHash("sha256").update(text).digest("hex")}`)
    .toString()
    .slice(-length);
}
