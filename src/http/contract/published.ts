import { z } from "zod";
import { type Exact, ShortText } from "./parts.ts";

/** Types under /fhir that anybody may read: the region's policy of recognition. */
export const PublishedType = z.enum(["PlanDefinition", "ActivityDefinition", "ValueSet", "ConceptMap", "CodeSystem"]);
export type PublishedType = z.output<typeof PublishedType>;

/** Search of what is published: canonical address (with or without `|version`), version, state, part of name or title. */
export const PublishedSearch = z.strictObject({
  _id: ShortText.max(64).optional(),
  url: ShortText.optional(),
  version: ShortText.max(32).optional(),
  name: ShortText.max(64).optional(),
  title: ShortText.max(64).optional(),
  status: z.enum(["draft", "active", "retired"]).optional(),
  _count: z.coerce.number().int().min(0).max(200).default(50),
  /** How many matches come before this page. */
  _offset: z.coerce.number().int().min(0).max(100_000).default(0),
});
export type PublishedSearch = Exact<z.output<typeof PublishedSearch>>;
