import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { InstitutionCode } from "../../src/kernel/brand.ts";

/** Who asks in the benches, and the twenty institutions whose records are asked for. */
export const asker = "bench-00" as InstitutionCode;
export const holders = Array.from(
  { length: 20 },
  (_, index) => `bench-${String(index + 1).padStart(2, "0")}` as InstitutionCode,
);

/** An institution whose records are said to stand on a server of its own. */
export interface Elsewhere {
  readonly institution: InstitutionCode;
  readonly url: string;
}

/** Writes the registry of the bench region into `dir`: the sample region with twenty-one more hospitals, one of them perhaps elsewhere. Returns the file. */
export function writeBenchRegistry(dir: string, sampleRegistry: string, elsewhere?: Elsewhere): string {
  const registry = parse(readFileSync(sampleRegistry, "utf8"));
  const model = registry.institutions[0];
  [asker, ...holders].forEach((code, index) => {
    const moved = elsewhere?.institution === code ? { endpoint: { kind: "fhir", url: elsewhere.url } } : {};
    registry.institutions.push({ ...model, code, name: `基准医院 ${index}`, partition: 100 + index, campuses: [], ...moved });
  });
  registry.clients.push({ id: asker, kind: "institution", institution: asker, scopes: ["lookups", "recognitions"] });
  const file = join(dir, elsewhere === undefined ? "registry.yaml" : "registry-elsewhere.yaml");
  writeFileSync(file, stringify(registry));
  return file;
}
