import { z } from "zod";
import { ItemEntry } from "./item-schema.ts";
import { Day, Id, kinds, Loinc, Name, Printed, settings, stated } from "./schema-parts.ts";

/** An entry of each section of a policy file. What a section means is told in docs/recognition.md. */
export const sections = {
  items: ItemEntry,
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
    /** `own` = within which the ordering institution's own result is a repeat; without one the window for others' results counts for both. */
    results: z.enum(["others", "own"]).default("others"),
  }),
  /** One order that stands for several items; decided member by member. */
  panels: z.strictObject({
    ...stated,
    id: Id,
    name: Name,
    loinc: Loinc.optional(),
    alsoLoinc: z.array(Loinc).default([]),
    members: z.array(Id).min(2),
    /** The members without which the panel makes no sense; absent = all of them. */
    core: z.array(Id).min(1).optional(),
    /** When recognised members spare the panel: `all` of them, the `core`, or whenever some do: then the `remaining` ones are ordered alone. */
    advice: z.enum(["all", "core", "remaining"]),
  }),
  /** What must hold beside the rules, as FHIRPath over the result's resource; the names it may use are told in conditions.ts. */
  conditions: z.strictObject({
    ...stated,
    id: Id,
    /** Absent = all items. */
    items: z.array(Id).min(1).optional(),
    kinds: z.array(kinds).min(1).optional(),
    settings: z.array(settings).min(1).optional(),
    expression: Name,
    /** What remains of a result for which it does not hold; where it cannot be told, the doctor judges (`may`). */
    effect: z.enum(["may", "ineligible"]),
    /** The sentence a doctor reads when it does not hold. */
    text: Name,
  }),
  /** What an item costs at an institution of a 级, for the estimate of what was saved. */
  prices: z.strictObject({
    ...stated,
    id: Id,
    items: z.array(Id).min(1),
    /** 级 of the ordering institution (9 = not graded); absent = all that have no price of their own. */
    ji: z
      .array(z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(9)]))
      .min(1)
      .optional(),
    /** 分, hundredths of a yuan. */
    fen: z.number().int().min(0).max(100_000_00),
  }),
  /** Analysers whose results may stand for each other, and whose laboratories use them: for items that compare within a platform. */
  platforms: z.strictObject({
    ...stated,
    id: Id,
    /** Names as exports print them. */
    names: z.array(Name).min(1),
    /** Institutions (by registry code) whose own laboratory measures on it. */
    institutions: z.array(Name).default([]),
    /** Absent = all items that compare within a platform. */
    items: z.array(Id).min(1).optional(),
  }),
  bases: z.strictObject({
    ...stated,
    id: Id,
    kinds: z.array(kinds).min(1),
    /**
     * For `institution-level`: bands of 级等 from the highest (`3甲`, or `3` for every 等 of that 级); a result counts within its band and below it.
     * Absent = every 级等 is a band of its own.
     */
    bands: z
      .array(z.array(z.string().regex(/^[1239](甲|乙|丙|未定)?$/, "must be 级 and 等, as in 3甲 or 3")).min(1))
      .min(1)
      .optional(),
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
    names: z.array(Printed).min(1),
    level: z.enum(["nation", "group", "province", "city", "county"]),
    /** Larger scopes this one lies in. */
    within: z.array(Id).default([]),
  }),
  /** Words such as 本省: the region of that level in which the issuer lies. */
  relativeScopes: z.strictObject({ ...stated, names: z.array(Printed).min(1), level: z.enum(["province", "city", "county"]) }),
  rules: z.strictObject({ ...stated, id: Id }),
  notRecognisable: z
    .strictObject({ ...stated, id: Id, item: Id.optional(), origin: Name.optional(), reason: Name })
    .refine((entry) => (entry.item === undefined) !== (entry.origin === undefined), "must name either an item or an origin"),
  units: z.strictObject({ ...stated, ucum: Name, printed: z.array(Name).min(1) }),
  specimens: z.strictObject({ ...stated, id: Id, names: z.array(Name).min(1) }),
  sites: z.strictObject({ ...stated, id: Id, names: z.array(Name).min(1) }),
  contrasts: z.strictObject({ ...stated, id: z.enum(["none", "with", "both"]), names: z.array(Name).min(1) }),
  localCodes: z
    .strictObject({
      ...stated,
      system: Name.regex(/^(urn|https?):\S+$/, "must be the address of a code system"),
      code: Name,
      item: Id.optional(),
      panel: Id.optional(),
      /** False = orders carry it, results carry LOINC beside it: they need not be searched by it. */
      searched: z.boolean().default(true),
    })
    .refine((entry) => (entry.item === undefined) !== (entry.panel === undefined), "must name either an item or a panel"),
  causes: z.strictObject({ ...stated, code: Id, text: Name }),
  declineReasons: z.strictObject({
    ...stated,
    code: Id,
    label: Name,
    text: Name,
    needsText: z.boolean(),
    /** False for reasons that are neither recognition nor refusal (98, 99). */
    counts: z.boolean(),
    /** A region's own reason says which of the six of the law it is; it stands beside them and never in their place. */
    means: Id.optional(),
  }),
} as const;

/** The head of a region's policy, once, in `policy.yaml`. */
export const PolicyHead = z.strictObject({
  region: Id.max(10),
  name: Name,
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.]{0,11}$/, "must be at most 12 letters, digits and dots"),
  /** The day from which this version counts, until a later one does. */
  effective: z.strictObject({ from: Day }),
  /** Folder whose entries this policy adds to (the national skeleton). */
  extends: Id.optional(),
  /** Institutions (by registry code) whose quality certificates are believed. */
  qualityCentres: z.array(Name).min(1),
  /** Clock of the region, to tell the day of a test: `+08:00`. */
  utcOffset: z.string().regex(/^(\+(0\d|1[0-4])|-(0\d|1[0-2])):[0-5]\d$/, "must be an offset from UTC such as +08:00"),
  /** How far back results are looked for; those older than their window are shown as such. */
  horizonDays: z.number().int().min(1).max(3660),
  /** What a mark without a passing certificate leaves: `may` (as if unmarked) or `ineligible`. */
  unsupportedMark: z.enum(["may", "ineligible"]),
  /** How long a certificate counts after its end while the next results are not published. */
  certificateCarryOverDays: z.number().int().min(0).max(366),
  /** The mark that a prefix ★ or * before an item stands for where the sheet declares none (湖北: ★等同于鄂HR); absent = such a prefix alone is no mark. */
  starMeans: z.string().regex(/HR$/, "must be a mark, as in 鄂HR").optional(),
  /** The ordering institution's own earlier results; their windows are those with `results: own`. */
  own: z.strictObject({
    /** Whether a result of another campus of the institution counts as its own; else it needs a basis like any other. */
    betweenCampuses: z.boolean(),
  }),
  /** Which cards a doctor sees beside those for `must` and `may`. */
  cards: z.strictObject({
    /** Results that are not eligible, with their causes. */
    ineligible: z.boolean(),
    /** The same neutral card for every resident without consent (未授权); off = no card. */
    unauthorised: z.boolean(),
  }),
  /** Codes of `declineReasons` that are offered, in this order; the six of the law are always among them. */
  reasonsInUse: z.array(Id).min(1),
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
export type Panel = Entry<"panels">;
export type Condition = Entry<"conditions">;

/** All entries of a policy, of every date; `catalogueOn` takes those of one day. */
export interface Policy {
  readonly head: PolicyHead;
  readonly entries: { readonly [S in SectionName]: readonly Entry<S>[] };
}
