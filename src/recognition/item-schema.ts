import { z } from "zod";
import { Id, Loinc, Name, Printed, stated } from "./schema-parts.ts";

/** What is measured in a specimen. */
const LabItem = z.strictObject({
  ...stated,
  id: Id,
  name: Name,
  kind: z.literal("lab"),
  loinc: Loinc,
  /** Other LOINC codes of the same analyte, system and property. */
  alsoLoinc: z.array(Loinc).default([]),
  /** What is measured of the analyte (LOINC's property): decides which units can be meant. Absent only where no text says. */
  property: z
    .enum([
      "substance-concentration",
      "mass-concentration",
      "catalytic-concentration",
      "number-concentration",
      "arbitrary-concentration",
      "fraction",
      "time",
      "ratio",
      "presence",
    ])
    .optional(),
  /** Specimens in which the result is comparable, ids of `specimens`. */
  specimens: z.array(Id).min(1),
  /** UCUM unit of the item; absent on a qualitative item. */
  unit: Name.optional(),
  /** Other UCUM units that may stand in a result, with the factor to `unit`. */
  convertible: z.record(Name, z.number().positive()).default({}),
  comparability: z.enum(["unit", "method", "platform"]),
  /** Methods whose results may stand for each other, as printed; needed when `comparability` is `method`. */
  methods: z.array(Printed).default([]),
});

/** An examination: a key of modality, body part, side and contrast. */
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

/** An entry of the section `items`. */
export const ItemEntry = z.discriminatedUnion("kind", [LabItem, ImagingItem]);
