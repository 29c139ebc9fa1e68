import { flagOf } from "./a-tb.ts";
import type { History, LabResult, LabSheet, LocalPerson, SampleExport, Visit } from "./events.ts";
import { gbk } from "./export-files.ts";
import { panels, printedRange, printedValue } from "./items.ts";
import { markRule } from "./marks.ts";
import { day8, hourMs, later, minuteMs, stamp14 } from "./time.ts";

/** A message as segments of fields, before it is written down; `fields[0]` is the segment's name. */
export interface Message {
  readonly feed: "c-adt" | "c-lis";
  readonly at: Date;
  readonly id: string;
  readonly segments: string[][];
}

/** The messages C's shared HIS and LIS send about a slice of history, in the order of their sending. */
export function cMessages(history: History): Message[] {
  const inC = (site: { key: string }) => site.key.startsWith("c-");
  const visits = history.visits.filter((visit) => inC(visit.patient.site));
  const sheets = history.sheets.filter((sheet) => inC(sheet.visit.patient.site));
  const messages = [...visits.flatMap(adtMessages), ...sheets.map(oruMessage)];
  return messages.sort((one, other) => one.at.getTime() - other.at.getTime() || (one.id < other.id ? -1 : 1));
}

/** A message as bytes: ADT in GBK, ORU in UTF-8, segments ended by CR. */
export function messageBytes(message: Message): Buffer {
  const text = message.segments.map((fields) => `${fields.join("|").replace(/\|+$/, "")}\r`).join("");
  return message.feed === "c-adt" ? gbk(text) : Buffer.from(text, "utf8");
}

/** A message as an export of its own. */
export function cExport(message: Message): SampleExport {
  return {
    feed: message.feed,
    name: `${day8(message.at)}/${message.id}`,
    files: [{ name: `${message.id}.hl7`, bytes: messageBytes(message) }],
  };
}

/** Writes the delimiters of a text as HL7 v2 escapes. */
export function escapeHl7(text: string): string {
  return text.replace(/[\\|^&~]/g, (sign) => `\\${{ "\\": "E", "|": "F", "^": "S", "&": "T", "~": "R" }[sign]}\\`);
}

function adtMessages(visit: Visit): Message[] {
  const admitted = visit.kind === "inpatient" ? "A01" : "A04";
  const start = adtMessage(visit, admitted, later(visit.start, 5 * minuteMs), false);
  // The end of a stay comes as an update; A03 is not sent by this HIS.
  return visit.kind === "inpatient" && visit.end !== undefined
    ? [start, adtMessage(visit, "A08", later(visit.end, 10 * minuteMs), true)]
    : [start];
}

/** One ADT message about a visit: A01 admission, A04 outpatient registration, A08 update. */
export function adtMessage(visit: Visit, event: "A01" | "A04" | "A08", at: Date, ended: boolean): Message {
  const { patient } = visit;
  const id = `C${patient.site.code}${visit.number}${event}`;
  const pv1 = fieldsAt("PV1", {
    1: "1",
    2: { outpatient: "O", inpatient: "I", emergency: "E" }[visit.kind],
    3: `${visit.department.code}^^^${patient.site.code}`,
    7: `${visit.doctor.id}^${escapeHl7(visit.doctor.name)}`,
    10: visit.department.code,
    19: visit.number,
    44: stamp14(visit.start),
    45: ended && visit.end !== undefined ? stamp14(visit.end) : "",
  });
  const msh = [
    "MSH",
    "^~\\&",
    "HIS",
    patient.site.code,
    "HUTONG",
    "LINHU",
    stamp14(at),
    "",
    `ADT^${event}`,
    id,
    "P",
    "2.4",
    "",
    "",
    "AL",
    "NE",
    "CHN",
    "GBK",
  ];
  return { feed: "c-adt", at, id, segments: [msh, ["EVN", event, stamp14(at)], pidSegment(patient, true), pv1] };
}

/** An ADT^A40: `from` turned out to be `into`, registered twice. */
export function mergeMessage(from: LocalPerson, into: LocalPerson, at: Date): Message {
  const id = `M${into.site.code}${from.file}`;
  const msh = ["MSH", "^~\\&", "HIS", into.site.code, "HUTONG", "LINHU", stamp14(at), "", "ADT^A40", id, "P", "2.4"];
  msh.push("", "", "AL", "NE", "CHN", "GBK");
  const mrg = fieldsAt("MRG", { 1: `${from.file}^^^CHIS^PI` });
  return { feed: "c-adt", at, id, segments: [msh, ["EVN", "A40", stamp14(at)], pidSegment(into, false), mrg] };
}

function pidSegment({ person, file }: LocalPerson, whole: boolean): string[] {
  const identity = whole ? `~${person.number}^^^SFZ^NI` : "";
  return fieldsAt("PID", {
    1: "1",
    3: `${file}^^^CHIS^PI${identity}`,
    5: escapeHl7(person.name),
    7: person.birthDate.replaceAll("-", ""),
    8: person.sex,
    ...(whole ? { 11: person.address, 13: person.phone } : {}),
  });
}

/** One ORU^R01 message: a sheet with its rows, reviewer and review time in OBR-32. */
export function oruMessage(sheet: LabSheet): Message {
  const { visit } = sheet;
  const { site } = visit.patient;
  const panel = panels[sheet.results[0]?.item.panel ?? "ELEC"];
  const status = { final: "F", corrected: "C", preliminary: "P", retracted: "X" }[sheet.state];
  const id = `L${site.code}${sheet.number}${status}${stamp14(sheet.reportedAt).slice(8)}`;
  const at = later(sheet.reportedAt, minuteMs);
  const msh = [
    "MSH",
    "^~\\&",
    "LIS",
    site.code,
    "HUTONG",
    "LINHU",
    stamp14(at),
    "",
    "ORU^R01",
    id,
    "P",
    "2.3.1",
    "",
    "",
    "",
    "",
    "",
    "UNICODE UTF-8",
  ];
  const pv1 = fieldsAt("PV1", {
    1: "1",
    2: visit.kind === "inpatient" ? "I" : "O",
    3: `${visit.department.code}^^^${site.code}`,
    19: visit.number,
  });
  const reviewed =
    sheet.reviewedAt === undefined ? "" : `${sheet.reviewer.id}&${escapeHl7(sheet.reviewer.name)}^${stamp14(sheet.reviewedAt)}`;
  const obr = fieldsAt("OBR", {
    1: "1",
    2: `SQ${sheet.number}`,
    3: sheet.number,
    4: `${panel.code}^${panel.name}^CLIS`,
    7: stamp14(sheet.collectedAt),
    14: stamp14(sheet.receivedAt),
    15: panel.specimen,
    16: `${visit.doctor.id}^${visit.doctor.name}`,
    22: stamp14(sheet.reportedAt),
    24: "LAB",
    25: status,
    32: reviewed,
  });
  const rows = sheet.results.flatMap((result, index) => obxSegments(sheet, result, index + 1, status));
  return { feed: "c-lis", at, id, segments: [msh, pidSegment(visit.patient, false), pv1, obr, ...rows] };
}

/** One ORM^O01 message: the order a sheet answers, as the ward placed it. */
export function ormMessage(sheet: LabSheet): Message {
  const { visit } = sheet;
  const { site } = visit.patient;
  const panel = panels[sheet.results[0]?.item.panel ?? "ELEC"];
  const at = later(sheet.orderedAt, minuteMs);
  const id = `O${site.code}${sheet.number}`;
  const msh = ["MSH", "^~\\&", "HIS", site.code, "HUTONG", "LINHU", stamp14(at), "", "ORM^O01", id, "P", "2.3.1"];
  msh.push("", "", "", "", "", "UNICODE UTF-8");
  const pv1 = fieldsAt("PV1", {
    1: "1",
    2: visit.kind === "inpatient" ? "I" : "O",
    3: `${visit.department.code}^^^${site.code}`,
    19: visit.number,
  });
  const orc = fieldsAt("ORC", {
    1: "NW",
    2: `SQ${sheet.number}`,
    5: "IP",
    9: stamp14(sheet.orderedAt),
    12: `${visit.doctor.id}^${escapeHl7(visit.doctor.name)}`,
  });
  const obr = fieldsAt("OBR", {
    1: "1",
    2: `SQ${sheet.number}`,
    4: `${panel.code}^${panel.name}^CLIS`,
    5: visit.kind === "emergency" ? "S" : "R",
    13: "体检复查",
    15: panel.specimen,
    24: "LAB",
  });
  return { feed: "c-lis", at, id, segments: [msh, pidSegment(visit.patient, false), pv1, orc, obr] };
}

function obxSegments(sheet: LabSheet, result: LabResult, index: number, status: string): string[][] {
  const { item } = result;
  const local = item.local.c;
  const laboratory = sheet.measuredBy ?? { institution: sheet.visit.patient.site.institution, code: "", name: "" };
  const value = printedValue(item, "c", result.value);
  const obx = fieldsAt("OBX", {
    1: String(index),
    2: /^\d/.test(value) ? "NM" : "ST",
    3: `${local.code}^${local.name}^CLIS`,
    5: escapeHl7(value),
    6: local.unit,
    7: printedRange(item, "c"),
    8: { "1": "N", "2": "A", "3": "H", "4": "L" }[flagOf(item, result.value)],
    11: status,
    13: result.mark ?? markRule(laboratory.institution, item).mark ?? "",
    14: stamp14(later(sheet.receivedAt, hourMs)),
    15: laboratory.code === "" ? "" : `${laboratory.code}^${laboratory.name}`,
    17: item.panel === "HEPB" ? "化学发光法" : item.key === "CREA" ? "酶法" : "比色法",
  });
  return result.note === undefined ? [obx] : [obx, ["NTE", "1", "L", escapeHl7(result.note)]];
}

/** A segment from numbered fields; those not given are empty. */
function fieldsAt(name: string, fields: Record<number, string>): string[] {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, at) => fields[at + 1] ?? "")];
}
