import { z } from "zod";

const Id = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "must be lower case letters, digits and hyphens");
const Name = z.string().min(1);
const Day = z.iso.date();
const Effective = z
  .strictObject({ from: Day, to: Day.optional() })
  .refine(({ from, to }) => to === undefined || from <= to, { message: "ends before it begins", path: ["to"] });

/** What every entry of a policy says about itself: where it comes from, from when it holds, and whether it is only assumed. */
const stated = {
  source: Name,
  clause: Name,
  effective: Effective,
  /** True while no published text fixes the value; told on every decision that rests on it. */
  provisional: z.boolean(),
};

/** LOINC code; the last digit is the check digit (Luhn over the digits before the hyphen), so that a typo is found here. */
const Loinc = z.string().refine(isLoinc, "is no LOINC code (pattern or check digit)");
const kinds = z.enum(["lab", "imaging"]);
const settings = z.enum(["outpatient", "inpatient", "emergency"]);

const LabItem = z.strictObject({
  ...stated,
  id: Id,
  name: Name,
  kind: z.literal("lab"),
  loinc: Loinc,
  /** Other LOINC codes of the same analyte, system and property. */
  alsoLoinc: z.array(Loinc).default([]),
  /** Specimens in which the result is comparable, ids of `specimens`. */
  specimens: z.array(Id).min(1),
  /** UCUM unit of the item; absent on a qualitative item. */
  unit: Name.optional(),
  /** Other UCUM units that may stand in a result, with the factor to `unit`. */
  convertible: z.record(Name, z.number().positive()).default({}),
  comparability: z.enum(["unit", "method", "platform"]),
  /** Methods whose results may stand for each other, as printed; needed when `comparability` is `method`. */
  methods: z.array(Name).default([]),
});

const ImagingItem = z.strictObject({
  ...stated,
  id: Id,
  name: Name,
  kind: z.literal("imaging"),
  loinc: Loinc,
  alsoLoinc: z.array(Loinc).default([]),
  /** DICOM modality codes. */
  modalities: z.array(z.string().regex(/^[A-Z]{2,3}$/)).min(1),
  /** Body part, an id of `sites`. */
  site: Id,
  laterality: z.enum(["none", "left", "right", "both"]),
  contrast: z.enum(["none", "with", "both"]),
});

/** An entry of each section of a policy file. What a section means is told in docs/recognition.md. */
export const sections = {
  items: z.discriminatedUnion("kind", [LabItem, ImagingItem]),
  windows: z.strictObject({
    ...stated,
    id: Id,
    items: z.array(Id).min(1),
    /** Days of 24 hours, the end included. */
    days: z.number().int().min(1).max(3660),
    /** From when the days count; never later than the report. */
    anchor: z.enum(["collected", "performed", "reported"]),
    /** Settings of the ordering visit; absent = all. */
    settings: z.array(settings).min(1).optional(),
  }),
  bases: z.strictObject({
    ...stated,
    id: Id,
    kinds: z.array(kinds).min(1),
    /** All of these must hold; the bases themselves are alternatives, asked in the order written. */
    all: z
      .array(z.enum(["mark-and-certificate", "published-list", "institution-level", "alliance", "public-institutions"]))
      .min(1),
  }),
  publishedLists: z.strictObject({
    ...stated,
    id: Id,
    institutions: z.array(Name).min(1),
    /** Absent = every item of the catalogue. */
    items: z.array(Id).optional(),
  }),
  scopes: z.strictObject({
    ...stated,
    id: Id,
    /** Names as they stand before "HR" and in the registry: full name, 简称. */
    names: z.array(Name).min(1),
    level: z.enum(["nation", "group", "province", "city", "county"]),
    /** Larger scopes this one lies in. */
    within: z.array(Id).default([]),
  }),
  /** Words such as 本省: the region of that level in which the issuer lies. */
  relativeScopes: z.strictObject({ ...stated, names: z.array(Name).min(1), level: z.enum(["province", "city", "county"]) }),
  rules: z.strictObject({ ...stated, id: Id }),
  notRecognisable: z
    .strictObject({ ...stated, id: Id, item: Id.optional(), origin: Name.optional(), reason: Name })
    .refine((entry) => (entry.item === undefined) !== (entry.origin === undefined), "must name either an item or an origin"),
  units: z.strictObject({ ...stated, ucum: Name, printed: z.array(Name).min(1) }),
  specimens: z.strictObject({ ...stated, id: Id, names: z.array(Name).min(1) }),
  sites: z.strictObject({ ...stated, id: Id, names: z.array(Name).min(1) }),
  contrasts: z.strictObject({ ...stated, id: z.enum(["none", "with", "both"]), names: z.array(Name).min(1) }),
  localCodes: z.strictObject({ ...stated, system: Name, code: Name, item: Id }),
  causes: z.strictObject({ ...stated, code: Id, text: Name }),
  declineReasons: z.strictObject({
    ...stated,
    code: Id,
    label: Name,
    text: Name,
    needsText: z.boolean(),
    /** False for reasons that are neither recognition nor refusal (98, 99). */
    counts: z.boolean(),
  }),
} as const;

/** The head of a region's policy, once, in `policy.yaml`. */
export const PolicyHead = z.strictObject({
  region: Id,
  name: Name,
  version: Name,
  /** Folder whose entries this policy adds to (the national skeleton). */
  extends: Id.optional(),
  /** Institutions (by registry code) whose quality certificates are believed. */
  qualityCentres: z.array(Name).min(1),
  /** Clock of the region, to tell the day of a test: `+08:00`. */
  utcOffset: z.string().regex(/^[+-]\d\d:\d\d$/),
  /** How far back results are looked for; those older than their window are shown as such. */
  horizonDays: z.number().int().min(1).max(3660),
  /** What a mark without a passing certificate leaves: `may` (as if unmarked) or `ineligible`. */
  unsupportedMark: z.enum(["may", "ineligible"]),
  /** How long a certificate counts after its end while the next results are not published. */
  certificateCarryOverDays: z.number().int().min(0).max(366),
});
export type PolicyHead = z.output<typeof PolicyHead>;

export type SectionName = keyof typeof sections;
export type Entry<S extends SectionName> = z.output<(typeof sections)[S]>;
export type Item = Entry<"items">;
export type ImagingItem = Extract<Item, { kind: "imaging" }>;
export type Window = Entry<"windows">;
export type Basis = Entry<"bases">;
export type BasisName = Basis["all"][number];
export type Setting = z.output<typeof settings>;
export type Kind = z.output<typeof kinds>;

/** All entries of a policy, of every date; `catalogueOn` takes those of one day. */
export interface Policy {
  readonly head: PolicyHead;
  readonly entries: { readonly [S in SectionName]: readonly Entry<S>[] };
}

function isLoinc(code: string): boolean {
  const [, digits = "", check] = /^(\d{1,6})-(\d)$/.exec(code) ?? [];
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return digits !== "" && (10 - (sum % 10)) % 10 === Number(check);
}
