import type { ResourceId } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { Feed } from "./compile-feed.ts";
import { type MappedExport, mapExport } from "./map-export.ts";
import type { ExportFile, MapOptions, MappingDeps } from "./mapped.ts";

/** Starts mapping the files of a feed by its name; undefined when no such feed is loaded. `mapping`: its templates with their versions. Ids and row digests are keyed by the installation. */
export function createFeedMapper(deps: {
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly supplierOf: (feed: string) => string | undefined;
  readonly institutionOf: MappingDeps["institutionOf"];
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly now: Now;
}): (
  feed: string,
  files: readonly ExportFile[],
  options?: MapOptions,
) => (MappedExport & { readonly mapping: string }) | undefined {
  const { suite, institutionOf, now } = deps;
  const mapping: MappingDeps = {
    ids: (...parts) => suite.computeId(...parts) as ResourceId,
    digest: (...cells) => suite.computeId("row", ...cells),
    institutionOf,
    now,
  };
  return (name, files, options) => {
    const feed = deps.feeds.get(name);
    if (feed === undefined) return undefined;
    const mapped = mapExport({ ...feed, supplier: deps.supplierOf(name) ?? feed.supplier }, files, mapping, options);
    return { ...mapped, mapping: feed.version };
  };
}
