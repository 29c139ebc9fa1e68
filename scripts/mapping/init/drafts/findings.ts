import { header, institutionOf, issuedOf, line, type Maker, order, statusOf, subjectIds, subjectLines } from "./pen.ts";

/** An imaging report. */
export const imagingTemplate: Maker = (one) => {
  const { of, has, key, feed } = one;
  const ids = subjectIds(one);
  const number = has("report_number") ? "report_number" : "study_uid";
  const texts = [has("finding") && of("finding"), has("impression") && of("impression")].filter((text) => text !== false);
  return [
    "# One row is one imaging report.",
    ...header(one, "imaging-report"),
    "ids:",
    ...ids,
    `  DiagnosticReport: { kind: imaging-report, key: ${key(number)} }`,
    ...order(one, "reviewed", "reported", "updated"),
    "emit:",
    "  - resourceType: DiagnosticReport",
    `    identifier: { system: "urn:hutong:${feed}:imaging-report", value: "{{ ${of(number)} }}" }`,
    `    status: ${statusOf(one)}`,
    "    category: { coding: { system: http://terminology.hl7.org/CodeSystem/v2-0074, code: RAD } }",
    `    code: { coding: { system: http://loinc.org, code: 18748-4, display: Diagnostic imaging study }${has("exam_name") ? `, text: "{{ ${of("exam_name")} }}"` : ""} }`,
    ...subjectLines(one),
    ...line(has("performed"), `    effectiveDateTime: "{{ ${of("performed")} }}"`),
    ...line(issuedOf(one) !== undefined, `    issued: "{{ ${issuedOf(one)} }}"`),
    `    performer: ${institutionOf(one)}`,
    ...line(has("reviewer"), `    resultsInterpreter: { display: "{{ ${of("reviewer")} }}" }`),
    ...line(texts.length > 0, `    conclusion: "{{ ${texts.join(" & ' ' & ")} }}"`),
  ];
};

/** A diagnosis. */
export const diagnosisTemplate: Maker = (one) => {
  const { of, has, key } = one;
  const ids = subjectIds(one);
  const what = has("diagnosis_code") ? "diagnosis_code" : "diagnosis_name";
  const own = has("diagnosis_number")
    ? key("diagnosis_number")
    : has("visit_number")
      ? key("visit_number", what)
      : key("patient_number", what);
  if (own === undefined) return "no columns name the diagnosis (a number of its own, or visit and code)";
  const numberOf = has("diagnosis_number")
    ? of("diagnosis_number")
    : `${of(has("visit_number") ? "visit_number" : "patient_number")} & '/' & ${of(what)}`;
  return [
    "# One row is one diagnosis.",
    ...header(one, "diagnosis"),
    "ids:",
    ...ids,
    `  Condition: { kind: condition, key: ${own} }`,
    ...order(one, "updated", "diagnosed"),
    "emit:",
    "  - resourceType: Condition",
    `    identifier: { system: "urn:hutong:${one.feed}:diagnosis", value: "{{ ${numberOf} }}" }`,
    "    clinicalStatus: { coding: { system: http://terminology.hl7.org/CodeSystem/condition-clinical, code: active } }",
    "    verificationStatus: { coding: { system: http://terminology.hl7.org/CodeSystem/condition-ver-status, code: confirmed } }   # check: is a suspected one told apart?",
    "    category: { coding: { system: http://terminology.hl7.org/CodeSystem/condition-category, code: encounter-diagnosis } }",
    `    code: { ${[has("diagnosis_code") && `coding: { system: "urn:hutong:${one.feed}:diagnosis", code: "{{ ${of("diagnosis_code")} }}" }`, `text: "{{ ${of(has("diagnosis_name") ? "diagnosis_name" : what)} }}"`].filter(Boolean).join(", ")} }`,
    ...subjectLines(one),
    ...line(has("diagnosed"), `    recordedDate: "{{ ${of("diagnosed")} }}"`),
  ];
};
