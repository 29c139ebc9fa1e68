/** Identifier systems and extension addresses of Hutong; what each means is told in docs/architecture.md. */
export const systems = {
  /** Logical reference to a resource in a partition: `<tenant>/<Type>/<id>`. */
  resource: "urn:hutong:resource",
  /** A resident, whether or not a golden Patient exists: `<resident id>`. */
  resident: "urn:hutong:resident",
  /** An institution by its code in the registry. */
  institution: "urn:hutong:institution",
  /** A practitioner as the asking institution names them: `<institution>/<id>`. */
  practitioner: "urn:hutong:practitioner",
  /** A visit as the institution numbers it: `<institution>/<number>`. */
  visit: "urn:hutong:visit",
  /** Blind index of an identity number (the number itself stands beside it as ciphertext). */
  identityNumberIndex: "urn:hutong:index:identity-number",
  /** Keyed digest under which a record of a person without a usable number meets others that may be of that person. */
  matchOpen: "urn:hutong:index:match-open",
  /** The same of a record with a number of its own. */
  matchNumbered: "urn:hutong:index:match-numbered",
  /** Blind index of a phone number. */
  phoneIndex: "urn:hutong:index:phone",
  /** An identity number in clear (居民身份证号): only at our doors and inside the mapping, never in the store. */
  identityNumber: "urn:oid:2.16.156.10011.1.3",
  /** What kind of work a Task is: `ingest`, `lookup`, `identity-review`. */
  taskKind: "urn:hutong:task-kind",
  /** Names of Task inputs and outputs. */
  taskField: "urn:hutong:task-field",
  /** What an AuditEvent tells: `lookup-accepted`, `disclosure`, `refusal`, … */
  auditKind: "urn:hutong:audit-kind",
  /** A feed by its name: what an export is about. */
  feed: "urn:hutong:feed",
  /** Items of the recognition catalogue. */
  recognitionItem: "urn:hutong:recognition-item",
  /** A reminder (提醒) of a recognition check, or the check as a whole, by its UUID: what a card, and the feedback on it, names. */
  reminder: "urn:hutong:reminder",
  /** A case of recognition: one order of one item on one day, however often it is checked. */
  recognitionCase: "urn:hutong:recognition-case",
  /** A draft order as the ordering institution names it: `<institution>/<order>`. */
  order: "urn:hutong:order",
  /** What a DetectedIssue of an institution tells of a case: `adopted`, `declined`, `revoked`, `appealed`, `fault-reported`. */
  recognitionOutcome: "urn:hutong:recognition-outcome",
  /** Whose notice list a Task is in: an institution by its code. */
  notice: "urn:hutong:notice",
  /** A quality certificate that stood behind what was shown. */
  certificate: "urn:hutong:certificate",
  /** Measures of the figures of recognition, and an institution's month of them: `<institution>/<month>`. */
  recognitionFigures: "urn:hutong:recognition-figures",
  /** Origin a feed declares (`his`, `lis`, `ris`, `analyser`, `poct`), as a tag on its resources. */
  origin: "urn:hutong:origin",
} as const;

const structure = "https://hutong.example/fhir/StructureDefinition";

/** Extensions Hutong adds; their StructureDefinitions stand in profiles/. */
export const extensions = {
  /** Which issue of its sheet a resource comes from: order, row digest, state. */
  issue: `${structure}/issue`,
  /** Ciphertext of a value whose blind index stands in `identifier.value` or `telecom.value`. */
  ciphertext: `${structure}/ciphertext`,
  /** A parent that was named before it came: key only, overwritten by the real record. */
  stub: `${structure}/stub`,
  /** Why a local Patient gave way to another of its institution: a better key, or a merge. */
  replacement: `${structure}/replacement`,
  /** The Patient that the source names, where another stands in its place as subject. */
  namedSubject: `${structure}/named-subject`,
  /** A visit's stub: the Patient that is known by the visit alone. */
  visitPatient: `${structure}/visit-patient`,
  /** Rows of a sheet whose head's type has no list of its own for them. */
  sheetRow: `${structure}/sheet-row`,
  /** Why and when a local Patient was linked to a golden one: basis, date, name digest. */
  linkBasis: `${structure}/link-basis`,
  /** A local Patient that a steward said is not this resident; a machine never links it here again. */
  linkRefused: `${structure}/link-refused`,
  /** 互认标识 as printed on the item or the sheet. */
  recognitionMark: `${structure}/recognition-mark`,
  /** What was measured: specimen type as a CodeableConcept. */
  specimenType: `${structure}/specimen-type`,
  /** The visit a consent is bound to. */
  consentVisit: `${structure}/consent-visit`,
  /** First and last line of a source file that a Provenance tells of. */
  sourceLines: `${structure}/source-lines`,
  /** The case that an answer about recognition closes, and what it rests on. */
  recognitionAnswer: `${structure}/recognition-answer`,
  /** How long earlier results of an item count; a basis of recognition; when a panel's members spare it: of published policies. */
  recognitionWindow: `${structure}/recognition-window`,
  recognitionBasis: `${structure}/recognition-basis`,
  recognitionPanel: `${structure}/recognition-panel`,
  /** A quality certificate (室间质评) carried by a Basic. */
  qualityCertificate: `${structure}/quality-certificate`,
} as const;
