import { createHash } from "node:crypto";
import type { History, ImagingReport, LabResult, LabSheet, LocalPerson, Visit } from "./events.ts";
import { imagingItems } from "./imaging-items.ts";
import { type Item, items, type Panel, panels } from "./items.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import { type Site, type SiteKey, sites, thirdLaboratory } from "./sites.ts";
import { day8, dayMs, hourMs, later, minuteMs } from "./time.ts";

// Where a resident goes: nearly everybody is known in several institutions, some in both campuses of A.
const journeys: readonly (readonly SiteKey[])[] = [
  ["a-0001", "b", "c-county"],
  ["a-0001", "c-county", "c-town-1"],
  ["a-0001", "a-0002", "b"],
  ["b", "c-county", "c-town-2"],
  ["a-0002", "c-county"],
  ["a-0001", "c-town-1"],
  ["b", "c-town-2"],
  ["c-county"],
];

/** Numbers the systems of one site hand out, in order. */
interface Counters {
  next(name: string): number;
}

/** Simulates `days` days that end the day before `today`. */
export function simulate(random: Random, people: readonly Person[], options: { today: Date; days: number }): History {
  const counters = createCounters();
  const history = {
    patients: [] as LocalPerson[],
    visits: [] as Visit[],
    sheets: [] as LabSheet[],
    imaging: [] as ImagingReport[],
  };
  people.forEach((person, at) => {
    const own = random.fork(person.number);
    const files = new Map<string, string>();
    for (const key of journeys[at % journeys.length] ?? []) {
      const site = sites[key];
      const starts = Array.from({ length: own.int(1, 2) }, () =>
        later(options.today, -dayMs * own.int(1, options.days) + hourMs * own.int(0, 8)),
      );
      starts.sort((one, other) => one.getTime() - other.getTime());
      const first = starts[0] ?? options.today;
      const file = files.get(site.institution) ?? numberOf(site, counters, "file");
      files.set(site.institution, file);
      const patient: LocalPerson = {
        person,
        site,
        card: numberOf(site, counters, "card"),
        file,
        registeredAt: later(first, -10 * minuteMs),
      };
      history.patients.push(patient);
      for (const start of starts) visitOf(own, counters, patient, start, history, options.today);
    }
  });
  return history;
}

/** Visits of some residents at one more place, with numbers of its own; no imaging. */
export function simulateAt(
  random: Random,
  people: readonly Person[],
  key: SiteKey,
  options: { today: Date; days: number },
): History {
  const counters = createCounters();
  const site = sites[key];
  const history = {
    patients: [] as LocalPerson[],
    visits: [] as Visit[],
    sheets: [] as LabSheet[],
    imaging: [] as ImagingReport[],
  };
  for (const person of people) {
    const own = random.fork(person.number);
    const start = later(options.today, -dayMs * own.int(2, options.days) + hourMs * own.int(0, 8));
    const patient: LocalPerson = {
      person,
      site,
      card: numberOf(site, counters, "card"),
      file: numberOf(site, counters, "file"),
      registeredAt: later(start, -10 * minuteMs),
    };
    history.patients.push(patient);
    visitOf(own, counters, patient, start, history, options.today);
  }
  return { ...history, imaging: [] };
}

/** An empty set of number sequences. */
export function createCounters(): Counters {
  const counts = new Map<string, number>();
  return {
    next(name) {
      const value = (counts.get(name) ?? 0) + 1;
      counts.set(name, value);
      return value;
    },
  };
}

function numberOf(site: Site, counters: Counters, what: "card" | "file"): string {
  const scope = what === "file" ? site.institution : site.key;
  const prefix = { "a-0001": "1", "a-0002": "2", b: "B", "c-county": "3", "c-town-1": "4", "c-town-2": "5", d: "6" }[site.key];
  return what === "card"
    ? `${prefix}${String(counters.next(`card/${scope}`)).padStart(7, "0")}`
    : `${scope === "b-central" ? "P" : ""}${String(600000 + counters.next(`file/${scope}`))}`;
}

type Growing = { visits: Visit[]; sheets: LabSheet[]; imaging: ImagingReport[] };

function visitOf(random: Random, counters: Counters, patient: LocalPerson, start: Date, history: Growing, today: Date): void {
  const { site } = patient;
  const small = site.departments.length < 3;
  const kind = small
    ? "outpatient"
    : random.pick(["outpatient", "outpatient", "outpatient", "inpatient", "emergency"] as const);
  const end = later(start, kind === "inpatient" ? random.int(3, 9) * dayMs : random.int(1, 4) * hourMs);
  const letter = kind === "inpatient" ? "Z" : "M";
  const visit: Visit = {
    patient,
    number: `${letter}${day8(start).slice(2)}${String(counters.next(`visit/${site.key}`)).padStart(4, "0")}`,
    kind,
    department: kind === "emergency" ? { code: "5001", name: "急诊科" } : random.pick(site.departments.slice(0, small ? 2 : 5)),
    doctor: random.pick(site.doctors),
    start,
    ...(end < today ? { end } : {}),
  };
  history.visits.push(visit);
  const drawn = new Set<Panel>();
  for (let n = random.int(1, small ? 1 : 2); n > 0; n--) drawn.add(random.pick(Object.keys(panels) as Panel[]));
  for (const panel of drawn) {
    const number = reportNumber(site, counters, visit.start);
    history.sheets.push(
      labSheet({ visit, number, results: resultsOf(random, panel), collectedAt: later(start, random.int(20, 60) * minuteMs) }),
    );
  }
  if (!small && !site.key.startsWith("c-") && random.chance(0.4)) history.imaging.push(imagingOf(random, counters, visit));
}

/** The next report number of a site: C's and B's carry the day, A's start anew every year. */
function reportNumber(site: Site, counters: Counters, at: Date): string {
  const count = String(counters.next(`report/${site.key}/${day8(at).slice(0, 4)}`)).padStart(5, "0");
  if (site.key.startsWith("a-")) return `1${count}`;
  return site.key === "b" ? `T${day8(at).slice(2, 4)}${count}` : `${day8(at).slice(2)}${count}`;
}

/** A sheet with the usual times between its steps; measured by the third-party laboratory for C's chemistry and immunology. */
export function labSheet(
  facts: { visit: Visit; number: string; results: readonly LabResult[]; collectedAt: Date } & Partial<LabSheet>,
): LabSheet {
  const { visit, collectedAt } = facts;
  const panel = facts.results[0]?.item.panel;
  const sentOut = visit.patient.site.key.startsWith("c-") && panel !== "CBC" && panel !== "SUGAR";
  return {
    state: "final",
    orderedAt: later(collectedAt, -15 * minuteMs),
    receivedAt: later(collectedAt, 25 * minuteMs),
    reviewedAt: later(collectedAt, 130 * minuteMs),
    reportedAt: later(collectedAt, 135 * minuteMs),
    reviewer: visit.patient.site.reviewers[0] ?? visit.doctor,
    ...(sentOut ? { measuredBy: thirdLaboratory } : {}),
    ...facts,
  };
}

function resultsOf(random: Random, panel: Panel): LabResult[] {
  return items.filter((item) => item.panel === panel).map((item) => ({ item, value: drawnValue(random, item) }));
}

function drawnValue(random: Random, item: Item): string {
  if (item.ucum === "") return random.chance(0.12) ? "阳性" : "阴性";
  const low = item.low ?? (item.high ?? 1) * 0.4;
  const high = item.high ?? low * 2;
  const value = random.normal((low + high) / 2, (high - low) / 3.2);
  return Math.max(value, low * 0.3).toFixed(item.digits);
}

function imagingOf(random: Random, counters: Counters, visit: Visit): ImagingReport {
  const { site, person } = visit.patient;
  const possible = imagingItems.filter(
    (one) => (site.key === "b" ? one.code_b : one.code_a) !== "" && (one.key !== "MG" || person.sex === "2"),
  );
  const item = random.pick(possible);
  const number = `${site.key === "b" ? "C" : "R"}${day8(visit.start).slice(2)}${String(counters.next(`imaging/${site.key}`)).padStart(4, "0")}`;
  const performedAt = later(visit.start, random.int(30, 100) * minuteMs);
  return {
    visit,
    number,
    studyUid: studyUidOf(site.key, number),
    item,
    state: "final",
    orderedAt: later(performedAt, -25 * minuteMs),
    performedAt,
    reportedAt: later(performedAt, 90 * minuteMs),
    reviewedAt: later(performedAt, 110 * minuteMs),
    reviewer: random.pick(site.reviewers),
    ...(site.key === "b" ? { mark: "临湖省HR" } : { mark: "全国HR" }),
  };
}

/** A DICOM UID under 2.25 (a number of 128 bits) that is the same for the same report. */
export function studyUidOf(site: string, number: string): string {
  return `2.25.${BigInt(`0x${createHash("sha256").update(`${site}/${number}`).digest("hex").slice(0, 31)}`)}`;
}
