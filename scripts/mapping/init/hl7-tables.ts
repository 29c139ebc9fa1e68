import type { DraftColumn, DraftTable } from "./plan-draft.ts";

type Written = readonly [name: string, path: string, concept: string, type?: DraftColumn["type"]];

// Where HL7 v2 keeps things; hospitals move some of them, so every line is to be checked against a message.
const around: readonly Written[] = [
  ["facility", "MSH-4.1", "institution", "code"],
  ["patient_number", "PID-3.1", "patient_number"],
  ["visit_number", "PV1-19.1", "visit_number"],
  ["sent", "MSH-7.1", "updated", "local_time"],
];
const person: readonly Written[] = [
  ["identity_number", "PID-3[5=NI].1", "identity_number"],
  ["name", "PID-5.1", "name"],
  ["birth_date", "PID-7.1", "birth_date", "date"],
  ["sex", "PID-8.1", "sex", "code"],
  ["address", "PID-11.1", "address"],
  ["phone", "PID-13.1", "phone"],
];
const stay: readonly Written[] = [
  ["department", "PV1-3.1", "department"],
  ["started", "PV1-44.1", "visit_start", "local_time"],
  ["ended", "PV1-45.1", "visit_end", "local_time"],
];
const report: readonly Written[] = [
  ["report_number", "OBR-3.1", "report_number"],
  ["panel", "OBR-4.2", "report_class"],
  ["collected", "OBR-7.1", "collected", "local_time"],
  ["reported", "OBR-22.1", "reported", "local_time"],
  ["reviewer", "OBR-32.1.2", "reviewer"],
];
const result: readonly Written[] = [
  ["report_number", "OBR-3.1", "report_number"],
  ["item", "OBX-3.1", "item_code", "code"],
  ["item_name", "OBX-3.2", "item_name"],
  ["result", "OBX-5.1", "result"],
  ["unit", "OBX-6.1", "unit"],
  ["range", "OBX-7.1", "range"],
  ["flag", "OBX-8.1", "flag", "code"],
  ["method", "OBX-17.1", "method"],
  ["note", "NTE-3.1", "note"],
];
const places: readonly DraftColumn[] = [
  { name: "message", field: "@message", type: "text", place: true },
  { name: "group", field: "@group", type: "text", place: true },
];

/** The tables that HL7 v2 messages of these types usually hold. */
export function hl7Tables(file: string, messages: readonly string[]): DraftTable[] {
  const adt = messages.filter((type) => type.startsWith("ADT"));
  const oru = messages.filter((type) => type.startsWith("ORU"));
  const base = { file };
  return [
    ...(adt.length === 0
      ? []
      : [
          {
            ...base,
            name: "patient",
            kind: "patient" as const,
            rows: "PID",
            messages: adt,
            columns: columns([...around, ...person]),
          },
          {
            ...base,
            name: "visit",
            kind: "visit" as const,
            rows: "PV1",
            messages: adt,
            columns: columns([...around, ...stay]),
          },
        ]),
    ...(oru.length === 0
      ? []
      : [
          {
            ...base,
            name: "lab_report",
            kind: "lab-report" as const,
            rows: "OBR",
            messages: oru,
            columns: [...places, ...columns([...around, ...report])],
          },
          {
            ...base,
            name: "lab_result",
            kind: "lab-result" as const,
            rows: "OBX",
            messages: oru,
            within: "lab_report",
            columns: [...places, ...columns([...around.slice(0, 1), ...result])],
          },
        ]),
  ];
}

function columns(written: readonly Written[]): DraftColumn[] {
  return written.map(([name, field, concept, type = "text"]) => ({ name, field, concept, type }));
}
