import { readFileSync } from "node:fs";
import { beforeAll, expect, it } from "@jest/globals";
import type { Observation } from "@medplum/fhirtypes";
import { makeRegionSample } from "../../scripts/sample/region-sample.ts";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import type { MappedResource } from "../../src/mapping/mapped.ts";
import type { Catalogue } from "../../src/recognition/catalogue.ts";
import { type Certificates, certificateOf, certificateOn, indexCertificates } from "../../src/recognition/certificates.ts";
import { decide } from "../../src/recognition/decide.ts";
import { priorOfObservation } from "../../src/recognition/prior.ts";
import { readRegistry } from "../../src/sources/registry.ts";
import { feedIn, fileOf, mapFiles, testDeps } from "../mapping/map-files.ts";
import { institutionOf, linhuCatalogue, orderOf } from "./laboratory.ts";

// From what the hospitals of the sample region print and the quality centre publishes, through the mappings, to the decision:
// scripts/sample/region/marks.yaml tells who prints what and what stands behind it.
const today = new Date("2026-11-22T04:00:00Z");
let catalogue: Catalogue;
let certificates: Certificates;
const results: { source: InstitutionCode; observation: Observation }[] = [];

beforeAll(async () => {
  catalogue = await linhuCatalogue(today);
  const registry = readRegistry(readFileSync("scripts/sample/region/registry.yaml", "utf8"));
  if (registry.kind === "wrong") throw new Error("the sample's registry is wrong");
  const deps = { ...testDeps, institutionOf: registry.registry.institutionOf };
  const sample = makeRegionSample({ seed: "recognition", residents: 40, days: 60, today });
  const members: MappedResource[] = [];
  for (const name of ["quality-certificates", "a-tb", "b-snake"] as const) {
    const feed = await feedIn(`mappings/${name}`);
    for (const one of sample.exports.filter((each) => each.feed === name)) {
      const files = one.files.map((file) => fileOf(file.name, file.bytes));
      const { sheets } = await mapFiles(feed, files, deps);
      for (const { tenant, members: rows } of sheets) {
        members.push(...rows);
        results.push(
          ...rows.flatMap(({ resource }) =>
            resource.resourceType === "Observation" ? [{ source: tenant, observation: resource }] : [],
          ),
        );
      }
    }
  }
  const basics = members.flatMap(({ resource }) => (resource.resourceType === "Basic" ? [resource] : []));
  // A later issue of a row takes the place of an earlier one, as in the store.
  const current = [...new Map(basics.map((basic) => [basic.id, basic])).values()];
  certificates = indexCertificates(current.flatMap((basic) => certificateOf(basic, catalogue) ?? []));
  expect(certificates.size).toBe(current.length);
  expect(certificates.size).toBeGreaterThan(100);
});

/** How C decides, one day after the specimen, on every result of an item that an institution reviewed and issued with a unit. */
function decisionsOn(source: string, item: string): string[] {
  const told = results.flatMap(({ source: at, observation }) => {
    const prior = priorOfObservation(observation, { source: at, linkBasis: "number" }, catalogue);
    const { collectedAt } = prior;
    // Report numbers come back after a year in the sample's dirt: those results are older than any certificate.
    if (collectedAt === undefined || today.getTime() - collectedAt.getTime() > 90 * 86_400_000) return [];
    if (at !== source || prior.item !== item || prior.status !== "final" || !prior.value || !prior.unit) return [];
    const order = orderOf({ item }, catalogue);
    const now = new Date(collectedAt.getTime() + 86_400_000);
    const [one] = decide([prior], order, { catalogue, certificates, institutionOf, now }).others;
    const causes = (one?.reasons ?? []).filter((reason) => reason.effect !== "note" && reason.code !== "not-allied");
    return [
      [one?.recognition, ...causes.map((cause) => [cause.code, cause.facts?.state].filter(Boolean).join(" "))].join(": "),
    ];
  });
  return [...new Set(told)];
}

it.each`
  said                                               | source            | item            | decision
  ${"A 肌酐：全国HR，国家级质评合格"}                | ${"a-provincial"} | ${"creatinine"} | ${"must"}
  ${"A 钾：临湖省HR，省级质评合格"}                  | ${"a-provincial"} | ${"potassium"}  | ${"must"}
  ${"A 血脂：项目名前 ★，标识印在报告单上"}          | ${"a-provincial"} | ${"ldl-c"}      | ${"must"}
  ${"A 血常规：本省HR"}                              | ${"a-provincial"} | ${"plt"}        | ${"must"}
  ${"A γ-谷氨酰基转移酶：质评未公布"}                | ${"a-provincial"} | ${"ggt"}        | ${"may: mark-unsupported certificate-not-yet-published"}
  ${"B 肌酐：临湖省HR，省级质评合格"}                | ${"b-central"}    | ${"creatinine"} | ${"must"}
  ${"B 低密度脂蛋白：印了全国HR，没有任何质评"}      | ${"b-central"}    | ${"ldl-c"}      | ${"may: mark-unsupported certificate-missing"}
  ${"B 丙氨酸氨基转移酶：火星HR"}                    | ${"b-central"}    | ${"alt"}        | ${"may: mark-scope-unknown"}
  ${"B 天门冬氨酸氨基转移酶：HR临 不是标识"}         | ${"b-central"}    | ${"ast"}        | ${"may: mark-missing"}
  ${"B 葡萄糖：11 月 19 日撤销，此前检测的仍被支持"} | ${"b-central"}    | ${"glucose"}    | ${"must"}
  ${"B 血常规：全省HR"}                              | ${"b-central"}    | ${"wbc"}        | ${"must"}
`("$said", ({ source, item, decision }) => expect(decisionsOn(String(source), String(item))).toEqual([decision]));

it("B 葡萄糖：11 月 19 日起检测的不再被支持", () => {
  const on = { today: "2026-11-22", carryOverDays: 90 };
  const state = (day: string) => certificateOn(certificates.of("b-central", "glucose"), { ...on, day }).state;
  expect([state("2026-11-18"), state("2026-11-19")]).toEqual(["valid", "withdrawn"]);
});
