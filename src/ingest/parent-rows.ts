import type { Provenance } from "@medplum/fhirtypes";
import { extensionOf } from "../fhir/issue.ts";
import type { FhirStore } from "../fhir/store.ts";
import { extensions } from "../fhir/systems.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import { chunks } from "../kernel/chunks.ts";
import type { WaitingSheet } from "./orphan-task.ts";
import { isReadAgain } from "./provenance.ts";

/** Rows of a raw file from which stored resources were made: by the file's landing address, its name, and first lines from `first` to `last`. */
export interface RawRows {
  readonly sha256: string;
  readonly name: string;
  readonly first: number;
  readonly last: number;
  /** When the export it came in was accepted (FHIR instant). */
  readonly recorded: string;
}

const perSearch = 20;
const mostProvenances = 199;

/** Where the heads of these sheets come from, as the Provenances of their own exports tell: every file of the feed that any of them was made from. */
export async function parentRows(store: FhirStore, feed: string, sheets: readonly WaitingSheet[]): Promise<RawRows[]> {
  const found = new Map<string, RawRows>();
  for (const [tenant, some] of Map.groupBy(sheets, (sheet) => sheet.tenant)) {
    const heads = some.map((sheet) => sheet.head);
    for (const few of chunks(heads, perSearch)) {
      for (const provenance of await provenancesOf(store, tenant, few))
        for (const rows of isReadAgain(provenance) ? [] : rawRowsOf(provenance, feed))
          found.set(Object.values(rows).join(" "), rows);
    }
  }
  return [...found.values()];
}

/** All of them: when one search cannot hold them, each head's own. */
async function provenancesOf(
  store: FhirStore,
  tenant: InstitutionCode,
  heads: readonly string[],
): Promise<readonly Provenance[]> {
  const page = await store.search(tenant, "Provenance", { target: heads.join(",") }, mostProvenances);
  if (!page.more) return page.resources;
  if (heads.length > 1) return (await Promise.all(heads.map((head) => provenancesOf(store, tenant, [head])))).flat();
  return store.searchAll(tenant, "Provenance", { target: heads[0] ?? "" });
}

function rawRowsOf(provenance: Provenance, feed: string): RawRows[] {
  return (provenance.entity ?? []).flatMap(({ what, extension }) => {
    const lines = extensionOf({ resourceType: "Provenance", extension } as Provenance, extensions.sourceLines)?.extension;
    const part = (name: string) => lines?.find((one) => one.url === name)?.valuePositiveInt;
    const [sha256, first, last] = [what.identifier?.value, part("first"), part("last")];
    const display = what.display ?? "";
    if (sha256 === undefined || first === undefined || last === undefined || !display.startsWith(`${feed}/`)) return [];
    return [{ sha256, name: display.slice(feed.length + 1), first, last, recorded: provenance.recorded ?? "" }];
  });
}
