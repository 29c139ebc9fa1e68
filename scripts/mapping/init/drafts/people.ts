import { header, institutionOf, line, type Maker, order, patientKey, subjectIds } from "./pen.ts";

/** A Patient with what tells who it is. */
export const patientTemplate: Maker = (one) => {
  const { of, has } = one;
  const key = patientKey(one);
  return [
    "# One row is one patient of the institution.",
    ...header(one, "patient"),
    `ids:\n  Patient: ${key}`,
    ...order(one, "updated"),
    ...line(has("row_state"), `retracted: "${of("row_state")} = '2'"             # check: which code takes a row back`),
    "person:                                  # clear values for linking; they never stand in the resource",
    ...line(
      has("identity_number"),
      `  identity: { type: "${has("identity_type") ? `${of("identity_type")}.code('identity-type')` : `iif(${of("identity_number")}.exists(), 'resident-id')`}", number: "${of("identity_number")}" }`,
    ),
    ...line(has("name"), `  name: "${of("name")}"`),
    ...line(has("birth_date"), `  birthDate: "${of("birth_date")}"`),
    ...line(has("sex"), `  sex: "${of("sex")}.code('sex')"`),
    ...line(has("phone"), `  phone: "${of("phone")}"`),
    "emit:",
    "  - resourceType: Patient",
    ...line(
      has("patient_number"),
      `    identifier: { system: "urn:hutong:${one.feed}:patient", value: "{{ ${of("patient_number")} }}" }`,
    ),
    ...line(has("name"), `    name: { text: "{{ ${of("name")} }}" }`),
    ...line(has("sex"), `    gender: "{{ ${of("sex")}.code('sex') }}"`),
    ...line(has("birth_date"), `    birthDate: "{{ ${of("birth_date")} }}"`),
    ...line(has("address"), `    address: { text: "{{ ${of("address")} }}" }`),
  ];
};

/** An Encounter. */
export const visitTemplate: Maker = (one) => {
  const { of, has, key } = one;
  const ids = subjectIds(one);
  const start = has("admitted") ? "admitted" : "visit_start";
  const code = has("admitted") ? "IMP" : "AMB";
  return [
    `# One row is one visit, taken for ${has("admitted") ? "an inpatient stay" : "an outpatient visit"}.`,
    ...header(one, one.table.name.replaceAll("_", "-")),
    "ids:",
    ...ids.filter((text) => !text.startsWith("  Encounter")),
    `  Encounter: ${key("visit_number")}`,
    ...order(one, "updated"),
    ...line(has("row_state"), `retracted: "${of("row_state")} = '2'"             # check: which code takes a row back`),
    "emit:",
    "  - resourceType: Encounter",
    `    identifier: { system: "urn:hutong:${one.feed}:visit", value: "{{ ${of("visit_number")} }}" }`,
    "    status: finished                     # check: unknown, in-progress or finished",
    `    class: { system: http://terminology.hl7.org/CodeSystem/v3-ActCode, code: ${code} }`,
    "    subject: { $ref: Patient }",
    ...line(
      has(start) || has("visit_end"),
      `    period: { ${[has(start) && `start: "{{ ${of(start)} }}"`, has("visit_end") && `end: "{{ ${of("visit_end")} }}"`].filter(Boolean).join(", ")} }`,
    ),
    `    serviceProvider: ${institutionOf(one)}`,
    ...line(has("department"), `    serviceType: { text: "{{ ${of("department")} }}" }`),
  ];
};
