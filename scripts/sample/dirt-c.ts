import type { Message } from "./c-hl7.ts";
import type { DirtBook } from "./dirt.ts";
import { hourMs, later, stamp14 } from "./time.ts";

/** C's messages with its faults worked in; new ones stand where they would have been sent. */
export function soilC(messages: readonly Message[], book: DirtBook): Message[] {
  const lab = messages.filter((message) => message.feed === "c-lis");
  const adt = messages.filter((message) => message.feed === "c-adt");
  const [corrected, withdrawn, unreviewed, odd, control, stranger] = lab;
  const extra: Message[] = [];
  const note = (kind: string, message: Message, line: number, what: string) =>
    book.add({ kind, file: `${message.feed}/${message.id}.hl7`, line, what });
  if (corrected !== undefined)
    extra.push(again(corrected, "C", "re-issued", "a correction: OBR-25 and OBX-11 are C, first value changed", note));
  if (withdrawn !== undefined) extra.push(again(withdrawn, "X", "retracted-after", "OBR-25 is X", note));
  if (unreviewed !== undefined) {
    set(unreviewed, "OBR", 25, "P");
    set(unreviewed, "OBR", 32, "");
    for (const obx of unreviewed.segments.filter(([name]) => name === "OBX")) obx[11] = "P";
    note("not-reviewed", unreviewed, 4, "preliminary, OBR-32 empty");
  }
  if (odd !== undefined) {
    const rows = odd.segments.filter(([name]) => name === "OBX");
    if (rows[0] !== undefined) Object.assign(rows[0], { 2: "IS", 8: "L~N" });
    if (rows[1] !== undefined) Object.assign(rows[1], { 2: "NM", 5: "*****" });
    if (rows[2] !== undefined) rows[2][6] = ` ${rows[2][6]} `;
    odd.segments.push(["NTE", "1", "L", "标本量不足\\T\\已通知\\.br\\请结合临床"]);
    note("odd-results", odd, 5, "number typed IS with flags L~N, ***** as value, blanks round a unit, escapes in NTE");
  }
  if (control !== undefined) {
    const qc = copy(control, "QC");
    set(qc, "MSH", 15, "2");
    set(qc, "PID", 3, "");
    extra.push(qc);
    note("quality-control", qc, 1, "MSH-16 is 2: never a patient's result");
  }
  if (stranger !== undefined) {
    const foreign = copy(stranger, "ZZ");
    set(foreign, "MSH", 3, "ZZWSY");
    extra.push(foreign);
    note("unknown-institution", foreign, 1, "MSH-4 names nobody in the registry");
  }
  const sexes = ["M", "F", "男", "女"];
  adt.slice(0, 6).forEach((message, at) => {
    const pid = message.segments.find(([name]) => name === "PID");
    if (pid === undefined) return;
    pid[8] = sexes[(pid[8] === "1" ? 0 : 1) + (at % 2) * 2] ?? "";
    note("sex-as-letters", message, 3, `PID-8 is ${pid[8]}`);
  });
  return [...messages, ...extra].sort((one, other) => one.at.getTime() - other.at.getTime());
}

function again(
  message: Message,
  status: "C" | "X",
  kind: string,
  what: string,
  note: (kind: string, message: Message, line: number, what: string) => void,
): Message {
  const next = copy(message, status);
  const at = later(message.at, 26 * hourMs);
  set(next, "MSH", 6, stamp14(at));
  set(next, "OBR", 22, stamp14(at));
  set(next, "OBR", 25, status);
  const rows = next.segments.filter(([name]) => name === "OBX");
  for (const row of rows) row[11] = status;
  if (status === "C" && rows[0] !== undefined && !Number.isNaN(Number(rows[0][5]))) rows[0][5] = String(Number(rows[0][5]) + 1);
  note(kind, next, 4, what);
  return { ...next, at };
}

function copy(message: Message, suffix: string): Message {
  const id = `${message.id}${suffix}`;
  const twin = { ...message, id, segments: message.segments.map((fields) => [...fields]) };
  set(twin, "MSH", 9, id);
  return twin;
}

// In MSH the array index is one less than the field's number, since MSH-1 is the separator itself.
function set(message: Message, segment: string, index: number, value: string): void {
  const fields = message.segments.find(([name]) => name === segment);
  if (fields !== undefined) {
    while (fields.length <= index) fields.push("");
    fields[index] = value;
  }
}
