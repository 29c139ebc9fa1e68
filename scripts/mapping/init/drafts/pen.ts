import type { DraftTable } from "../plan-draft.ts";

/** Writes about the columns of one table. */
export interface Pen {
  readonly feed: string;
  readonly table: DraftTable;
  /** Whether the table has a column for each of these. */
  has(...concepts: string[]): boolean;
  /** The column as expressions name it; Chinese names stand in backticks. */
  of(concept: string): string;
  /** A key list of the columns there are, the institution first; undefined when one that is needed is missing. */
  key(...concepts: string[]): string | undefined;
}

export function pen(feed: string, table: DraftTable): Pen {
  const column = (concept: string) => table.columns.find((one) => one.concept === concept)?.name;
  const quoted = (name: string) => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name}\``);
  return {
    feed,
    table,
    has: (...concepts) => concepts.every((concept) => column(concept) !== undefined),
    of: (concept) => quoted(column(concept) ?? ""),
    key(...concepts) {
      const names = concepts.map(column);
      if (names.includes(undefined)) return undefined;
      const institution = column("institution");
      return `[${[...(institution === undefined ? [] : [institution]), ...names].join(", ")}]`;
    },
  };
}

/** Writes a template's lines, or says why there is none. `join` and `results`: the rows that belong to a report. */
export type Maker = (pen: Pen, join?: string, results?: DraftTable) => string[] | string | undefined;

/** The first lines of a template. */
export const header = ({ feed, table }: Pen, name: string) => [`mapping: ${feed}/${name}`, "version: 1", `for: ${table.name}`];
/** Which column tells the later of two issues. */
export const order = ({ has, of }: Pen, ...concepts: string[]) => {
  const found = concepts.find((concept) => has(concept));
  return found === undefined
    ? []
    : [`order: [${of(found).replaceAll("`", "")}]                    # of two issues of one record the later is current`];
};
/** Lines that stand only when there is something to say. */
export const line = (when: boolean, text: string) => (when ? [text] : []);

/**
 * Card, file number, visit: the first that is complete. A Patient's key is made alike in every feed of an institution. When no column was
 * recognised as one of them, a place to fill in: nothing can be kept without a patient, and the rest of the draft is good all the same.
 */
export function patientKey({ key, has }: Pen): string {
  const ways = [
    has("card") && `{ card: ${has("card_type") ? key("card_type", "card") : key("card")} }`,
    has("patient_number") && `{ file: ${key("patient_number")} }`,
    has("visit_number") && `{ visit: ${key("visit_number")} }`,
  ].filter((way) => way !== false);
  if (ways.length > 0) return `{ first_of: [${ways.join(", ")}] }`;
  return "{ first_of: [{ file: [FILL_IN] }] }   # the column that names the patient: card, file (number of the hospital) or visit";
}

/** Ids of the patient and the visit a row names. */
export function subjectIds(one: Pen): string[] {
  return [`  Patient: ${patientKey(one)}`, ...line(one.has("visit_number"), `  Encounter: ${one.key("visit_number")}`)];
}

/**
 * The institution as profiles want it named, by the registry's code, to be filled in where no column names it. `around`: the results' rows leave it to
 * the row of their report.
 */
export function institutionOf({ has, of }: Pen, around?: Pen): string {
  const column = has("institution")
    ? of("institution")
    : around?.has("institution")
      ? `%${around.table.name}.${around.of("institution")}`
      : undefined;
  return column === undefined
    ? '{ identifier: { system: "urn:hutong:institution", value: FILL-IN } }         # the code of the registry, as in feed.yaml'
    : `{ identifier: { system: "urn:hutong:institution", value: "{{ ${column}.institution() }}" } }`;
}

/** When it was reviewed, else reported; undefined when no column tells. */
export function issuedOf({ has, of }: Pen, around = ""): string | undefined {
  const [first, other] = ["reviewed", "reported"].filter((concept) => has(concept)).map((concept) => `${around}${of(concept)}`);
  return other === undefined ? first : `${first}.orElse(${other})`;
}

/** Whom the resource is about. */
export function subjectLines({ has, of }: Pen, around = ""): string[] {
  const visit = has("visit_number") ? `${around}${of("visit_number")}` : "";
  return [
    "    subject: { $ref: Patient }",
    ...line(visit !== "", `    encounter: { $if: "${visit}.exists()", $ref: Encounter }`),
  ];
}

/** What a report or result says of its own state: reviewed = final, taken back where a code says so. */
export function statusOf({ has, of }: Pen, around = ""): string {
  if (has("row_state")) return `"{{ ${around}${of("row_state")}.code('row-state') }}"             # check tables/row-state.csv`;
  if (has("reviewed")) return `"{{ iif(${around}${of("reviewed")}.exists(), 'final', 'preliminary') }}"`;
  return "final                        # check: nothing in the row tells whether it was reviewed";
}
