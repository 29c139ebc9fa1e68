import { z } from "zod";
import { type Exact, type Presented, ShortText } from "./parts.ts";

const Name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be lower case letters, digits and hyphens");
const VersionName = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.]{0,11}$/, "must be the name of a version");
const Setting = z.enum(["outpatient", "inpatient", "emergency"]);
const Kind = z.enum(["lab", "imaging"]);

/**
 * Query of `GET /recognitions/catalogue`: of which region (without: this one's), on which day (without: today) or in which version, and which part:
 * an item or panel by its id, items of a kind, those whose name, id or LOINC holds some words.
 */
export const CatalogueQuery = z.strictObject({
  region: Name.optional(),
  on: z.iso.date().optional(),
  version: VersionName.optional(),
  item: Name.optional(),
  kind: Kind.optional(),
  words: ShortText.max(50).optional(),
});
export type CatalogueQuery = Exact<z.output<typeof CatalogueQuery>>;

/** Query of `GET /recognitions/catalogue/diff`: each side is the name of a version or a day. */
export const CatalogueDiffQuery = z.strictObject({
  region: Name.optional(),
  from: z.union([z.iso.date(), VersionName]),
  to: z.union([z.iso.date(), VersionName]),
});
export type CatalogueDiffQuery = Exact<z.output<typeof CatalogueDiffQuery>>;

/** Where an entry comes from, from when to when it holds, and whether no published text fixes it yet. */
const stated = {
  source: z.string(),
  clause: z.string(),
  effective: z.object({ from: z.string(), to: z.string().optional() }),
  provisional: z.boolean(),
};

const Window = z.object({
  ...stated,
  id: z.string(),
  /** Of others' results, or of the ordering institution's own. */
  results: z.enum(["others", "own"]),
  /** Absent = every setting that has no window of its own. */
  settings: z.array(Setting).optional(),
  days: z.number(),
  anchor: z.enum(["collected", "performed", "reported"]),
});

const Price = z.object({
  ...stated,
  id: z.string(),
  /** 级; absent = every other. */
  ji: z.array(z.number()).optional(),
  fen: z.number(),
});

/** An item with everything the policy says of it. */
export const CatalogueItem = z.object({
  ...stated,
  id: z.string(),
  name: z.string(),
  kind: Kind,
  loinc: z.string(),
  alsoLoinc: z.array(z.string()),
  property: z.string().optional(),
  specimens: z.array(z.string()).optional(),
  unit: z.string().optional(),
  comparability: z.enum(["unit", "method", "platform"]).optional(),
  methods: z.array(z.string()).optional(),
  modalities: z.array(z.string()).optional(),
  site: z.string().optional(),
  laterality: z.string().optional(),
  contrast: z.string().optional(),
  windows: z.array(Window),
  prices: z.array(Price),
  /** Ids of `panels`, `conditions` and `bases`. */
  panels: z.array(z.string()),
  conditions: z.array(z.string()),
  bases: z.array(z.string()),
  /** Set when the item is on the list of what is not recognised. */
  notRecognised: z.object({ ...stated, reason: z.string() }).optional(),
});
export type CatalogueItem = Presented<z.output<typeof CatalogueItem>>;

/** Answer of `GET /recognitions/catalogue`. */
export const CatalogueAnswer = z.object({
  region: z.string(),
  name: z.string(),
  version: z.string(),
  /** The day (of the region) whose entries these are. */
  on: z.string(),
  versions: z.array(
    z.object({
      version: z.string(),
      from: z.string(),
      to: z.string().optional(),
      state: z.enum(["past", "in-force", "coming"]),
    }),
  ),
  horizonDays: z.number(),
  certificateCarryOverDays: z.number(),
  unsupportedMark: z.enum(["may", "ineligible"]),
  starMeans: z.string().optional(),
  items: z.array(CatalogueItem),
  /** What specimens and sites are called, by their ids. */
  names: z.record(z.string(), z.string()),
  panels: z.array(
    z.object({
      ...stated,
      id: z.string(),
      name: z.string(),
      loinc: z.string().optional(),
      members: z.array(z.string()),
      core: z.array(z.string()),
      advice: z.enum(["all", "core", "remaining"]),
    }),
  ),
  bases: z.array(
    z.object({
      ...stated,
      id: z.string(),
      kinds: z.array(Kind),
      all: z.array(z.string()),
      bands: z.array(z.array(z.string())).optional(),
    }),
  ),
  conditions: z.array(
    z.object({ ...stated, id: z.string(), text: z.string(), expression: z.string(), effect: z.enum(["may", "ineligible"]) }),
  ),
  /** Origins whose results are never recognised. */
  notRecognised: z.array(z.object({ ...stated, origin: z.string(), reason: z.string() })),
  /** Every question asked of a result, in order, and the law behind it. */
  rules: z.array(z.object({ ...stated, id: z.string(), question: z.string(), law: z.string() })),
  declineReasons: z.array(
    z.object({ ...stated, code: z.string(), label: z.string(), text: z.string(), needsText: z.boolean(), counts: z.boolean() }),
  ),
});
export type CatalogueAnswer = Presented<z.output<typeof CatalogueAnswer>>;

const Change = z.object({
  change: z.enum(["added", "removed", "changed"]),
  /** Absent `before` or `after` = it is not there on that side. */
  fields: z.array(z.object({ field: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })),
});
const Side = z.object({ version: z.string(), on: z.string() });

/**
 * Answer of `GET /recognitions/catalogue/diff`: what differs in the head, entry by entry, and for each item in what a doctor meets
 * (`window`, `window.inpatient`, `ownWindow`, `price.3` in 分, `panels`, `bases`, `conditions`, `notRecognised`).
 */
export const CatalogueDiff = z.object({
  region: z.string(),
  from: Side,
  to: Side,
  head: Change.shape.fields,
  entries: z.array(Change.extend({ section: z.string(), key: z.string() })),
  items: z.array(Change.extend({ item: z.string(), name: z.string() })),
});
export type CatalogueDiff = Presented<z.output<typeof CatalogueDiff>>;
