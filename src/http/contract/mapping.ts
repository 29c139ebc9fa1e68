import { z } from "zod";
import { FeedName } from "./export.ts";
import { type Presented, WorkId } from "./parts.ts";

/** Query of `POST /mappings/{feed}`: the archive's name when the body is one archive. */
export const MappingUploadQuery = z.strictObject({
  file: z
    .string()
    .regex(/^[^/\\]+\.zip$/i, "must be the name of a zip")
    .optional(),
});

/** A version of a feed's mapping. */
export const MappingVersion = z.object({
  id: WorkId,
  feed: FeedName,
  status: z.enum(["draft", "active", "retired"]),
  /** `<template>@<version>` of each template. */
  templates: z.array(z.string()),
  /** SHA-256 over its files. */
  digest: z.string(),
  uploadedAt: z.string(),
  uploadedBy: z.string(),
});
export type MappingVersion = Presented<z.output<typeof MappingVersion>>;

/** Answer of `GET /mapping-versions/{id}`: the version with its files. */
export const MappingVersionFiles = MappingVersion.extend({ files: z.array(z.object({ path: z.string(), text: z.string() })) });
export type MappingVersionFiles = Presented<z.output<typeof MappingVersionFiles>>;

/** Answer of `GET /mappings/{feed}`: what counts now (`shipped` = the mapping in the folder), and every stored version, the latest first. */
export const MappingVersions = z.object({
  feed: FeedName,
  current: z.object({ templates: z.array(z.string()), version: z.union([WorkId, z.literal("shipped")]) }).optional(),
  versions: z.array(MappingVersion),
});
export type MappingVersions = Presented<z.output<typeof MappingVersions>>;

const Instant = z.iso.datetime({ offset: true, error: "must be a time with its zone, like 2026-11-01T00:00:00+08:00" });

/** Which raw exports: those accepted from `from` until before `to` (now when absent). */
export const MappingPeriod = z
  .strictObject({ from: Instant, to: Instant.optional() })
  .refine(({ from, to }) => to === undefined || Date.parse(from) < Date.parse(to), {
    error: "must lie before to",
    path: ["from"],
  });
export type MappingPeriod = Presented<z.output<typeof MappingPeriod>>;

/** Body of `POST /mapping-versions/{id}/activate`; `force` activates what was never tried. */
export const MappingActivation = z.strictObject({ force: z.boolean().optional() });

/** Work was accepted; its state is at `location`. */
export const MappingWorkAccepted = z.object({ id: WorkId, status: z.literal("accepted"), location: z.string() });

const Compared = z.object({ same: z.int(), changed: z.int(), added: z.int(), lost: z.int() });
const Rows = z.object({ mapped: z.int(), skipped: z.int() });
const Counts = z.record(z.string(), z.int());

/** What the tried version changes: sheets, resources by type, elements (`Observation.valueQuantity.unit`), rows and issues. */
const MappingDifference = z.object({
  exports: z.int(),
  sheets: Compared,
  resources: z.record(z.string(), Compared),
  elements: z.record(z.string(), Compared.omit({ same: true })),
  rows: z.object({ before: Rows, after: Rows }),
  issues: z.object({ before: Counts, after: Counts }),
  unpaired: z.int(),
});

/** Answer of `GET /mapping-work/{id}`. */
export const MappingWork = z.object({
  id: WorkId,
  kind: z.enum(["mapping-dry-run", "mapping-replay"]),
  feed: FeedName,
  version: WorkId,
  period: z.object({ from: z.string(), to: z.string() }),
  status: z.enum(["waiting", "running", "completed", "failed", "stopped"]),
  startedAt: z.string().optional(),
  /** Exports done, of how many, and how many of them could not be read or failed. */
  progress: z.object({ done: z.int(), total: z.int(), failed: z.int() }).optional(),
  difference: MappingDifference.optional(),
  reason: z.string().optional(),
});
export type MappingWork = Presented<z.output<typeof MappingWork>>;
