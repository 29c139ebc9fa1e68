import { beforeAll, expect, it } from "@jest/globals";
import { catalogueOn } from "../../src/recognition/catalogue.ts";
import { decide } from "../../src/recognition/decide.ts";
import type { Entry, Policy } from "../../src/recognition/policy-schema.ts";
import { type GivenResult, priorOf } from "./described-results.ts";
import { now } from "./generated.ts";
import { certificatesOf, type GivenOrder, institutionOf, linhuPolicy, orderOf } from "./laboratory.ts";

const stated = { source: "例", clause: "例", effective: { from: "2025-01-01" }, provisional: false };
const platforms: readonly Entry<"platforms">[] = [
  { ...stated, id: "platform-a", names: ["甲 e601", "甲 e801"], institutions: ["c-county"], items: ["creatinine"] },
  { ...stated, id: "platform-b", names: ["乙 i2000"], institutions: ["a-provincial"] },
];
let policy: Policy;
beforeAll(async () => {
  policy = await linhuPolicy();
});

/** A result decided under a policy in which creatinine compares within a platform only, as immunoassays do. */
function decided(given: GivenResult, order: GivenOrder) {
  const items = policy.entries.items.map((item) =>
    item.kind === "lab" && item.id === "creatinine" ? { ...item, comparability: "platform" as const } : item,
  );
  const catalogue = catalogueOn({ ...policy, entries: { ...policy.entries, items, platforms } }, now);
  const grounds = {
    catalogue,
    certificates: certificatesOf([{ laboratory: given.source ?? "a-provincial" }], catalogue),
    institutionOf,
    now,
  };
  const [one] = decide([priorOf(given, catalogue)], orderOf(order, catalogue), grounds).others;
  const causes = (one?.reasons ?? []).filter((reason) => reason.effect !== "note").map((reason) => reason.code);
  return [one?.recognition, ...causes].join(" ");
}

it.each`
  said                                              | given                                            | order                              | is
  ${"开单机构用甲平台，甲平台的另一型号可比"}       | ${{ platform: "甲 e801" }}                       | ${{}}                              | ${"must"}
  ${"型号的全角、大小写和空格不算差别"}             | ${{ platform: "甲Ｅ601" }}                       | ${{}}                              | ${"must"}
  ${"乙平台的结果在甲平台的机构不可比"}             | ${{ platform: "乙 i2000" }}                      | ${{}}                              | ${"ineligible platform-differs"}
  ${"目录不认识的仪器与甲平台不可比"}               | ${{ platform: "丙 100" }}                        | ${{}}                              | ${"ineligible platform-differs"}
  ${"结果没有注明仪器，由医师判断"}                 | ${{ platform: null }}                            | ${{}}                              | ${"may platform-unknown"}
  ${"开单机构的平台没有登记，由医师判断"}           | ${{ platform: "甲 e801" }}                       | ${{ institution: "d-second" }}     | ${"may platform-unknown"}
  ${"没有限定项目的平台对所有须平台一致的项目有效"} | ${{ platform: "乙 i2000", source: "b-central" }} | ${{ institution: "a-provincial" }} | ${"must"}
  ${"开单时写明的仪器优先于登记的平台"}             | ${{ platform: "乙 i2000" }}                      | ${{ platform: "乙 i2000" }}        | ${"must"}
  ${"两边都写明同一台目录不认识的仪器，可比"}       | ${{ platform: "丙 100" }}                        | ${{ platform: "丙100" }}           | ${"must"}
`("$said", ({ given, order, is }) => expect(decided(given as GivenResult, order as GivenOrder)).toBe(is));
