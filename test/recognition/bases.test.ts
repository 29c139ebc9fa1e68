import { beforeAll, expect, it } from "@jest/globals";
import { catalogueOn } from "../../src/recognition/catalogue.ts";
import { decide } from "../../src/recognition/decide.ts";
import type { Basis, Entry, Policy } from "../../src/recognition/policy-schema.ts";
import { type GivenResult, priorOf } from "./described-results.ts";
import { certificatesOf, institutionOf, linhuPolicy, orderOf } from "./laboratory.ts";

const now = new Date("2026-11-22T10:00:00+08:00");
const stated = { source: "例", clause: "例", effective: { from: "2025-01-01" }, provisional: false };
let policy: Policy;
beforeAll(async () => {
  policy = await linhuPolicy();
});

const basis = (...all: Basis["all"]): Basis => ({ ...stated, id: all.join("-"), kinds: ["lab", "imaging"], all });
const list = (institutions: string[], items?: string[]): Entry<"publishedLists"> => ({
  ...stated,
  id: "list",
  institutions,
  ...(items === undefined ? {} : { items }),
});

/** A policy with these bases only: as regions differ. */
function decided(
  bases: readonly Basis[],
  given: GivenResult,
  more: { institution?: string; lists?: Entry<"publishedLists">[]; certified?: boolean } = {},
) {
  const catalogue = catalogueOn({ ...policy, entries: { ...policy.entries, bases, publishedLists: more.lists ?? [] } }, now);
  const certificates = certificatesOf(more.certified ? [{ laboratory: given.source ?? "a-provincial" }] : [], catalogue);
  const order = orderOf(more.institution === undefined ? {} : { institution: more.institution }, catalogue);
  const [one] = decide([priorOf(given, catalogue)], order, { catalogue, certificates, institutionOf, now }).others;
  return {
    recognition: one?.recognition,
    causes: one?.reasons.filter((reason) => reason.effect !== "note").map((reason) => reason.code),
  };
}

it.each`
  said                                  | all                                              | given                                     | more                                             | recognition | causes
  ${"公布名单上的机构的结果必须互认"}   | ${["published-list"]}                            | ${{ mark: null }}                         | ${{ lists: [list(["a-provincial"])] }}           | ${"must"}   | ${[]}
  ${"名单只列了别的项目"}               | ${["published-list"]}                            | ${{ mark: null }}                         | ${{ lists: [list(["a-provincial"], ["urea"])] }} | ${"may"}    | ${["list-not-naming"]}
  ${"名单上没有这家机构"}               | ${["published-list"]}                            | ${{ mark: null, source: "b-central" }}    | ${{ lists: [list(["a-provincial"])] }}           | ${"may"}    | ${["list-not-naming"]}
  ${"上级机构的结果下级必须互认"}       | ${["institution-level"]}                         | ${{ mark: null }}                         | ${{}}                                            | ${"must"}   | ${[]}
  ${"下级机构的结果由上级医师判断"}     | ${["institution-level"]}                         | ${{ mark: null, source: "c-town-1" }}     | ${{}}                                            | ${"may"}    | ${["level-not-enough"]}
  ${"三乙对三甲：级别不够"}             | ${["institution-level"]}                         | ${{ mark: null, source: "b-central" }}    | ${{ institution: "a-provincial" }}               | ${"may"}    | ${["level-not-enough"]}
  ${"未定级的第三方检验所不按级别互认"} | ${["institution-level"]}                         | ${{ mark: null, source: "c-thirdlab" }}   | ${{}}                                            | ${"may"}    | ${["level-not-enough"]}
  ${"两家都没有等级，谁也不按级别互认"} | ${["institution-level"]}                         | ${{ mark: null, source: "jingzhou-lab" }} | ${{ institution: "c-thirdlab" }}                 | ${"may"}    | ${["level-not-enough"]}
  ${"公立机构之间互认"}                 | ${["public-institutions"]}                       | ${{ mark: null }}                         | ${{}}                                            | ${"must"}   | ${[]}
  ${"民营机构不在公立互认之内"}         | ${["public-institutions"]}                       | ${{ mark: null, source: "c-thirdlab" }}   | ${{}}                                            | ${"may"}    | ${["not-public"]}
  ${"要求“且”的依据两者都须满足"}       | ${["mark-and-certificate", "institution-level"]} | ${{ source: "c-town-1" }}                 | ${{ certified: true }}                           | ${"may"}    | ${["level-not-enough"]}
  ${"两者都满足时互认"}                 | ${["mark-and-certificate", "institution-level"]} | ${{}}                                     | ${{ certified: true }}                           | ${"must"}   | ${[]}
`("$said", ({ all, given, more, recognition, causes }) => {
  expect(decided([basis(...(all as Basis["all"]))], given as GivenResult, more as Parameters<typeof decided>[2])).toEqual({
    recognition,
    causes,
  });
});

it("多个依据任一满足即可，按规定的顺序采用", () => {
  expect(decided([basis("mark-and-certificate"), basis("public-institutions")], { mark: null })).toEqual({
    recognition: "must",
    causes: [],
  });
});

it("规定标识不可信即不予互认的地区：无证书的标识为不可互认", () => {
  const strict = { ...policy, head: { ...policy.head, unsupportedMark: "ineligible" as const } };
  const catalogue = catalogueOn(strict, now);
  const [one] = decide([priorOf({}, catalogue)], orderOf({}, catalogue), {
    catalogue,
    certificates: certificatesOf([], catalogue),
    institutionOf,
    now,
  }).others;
  expect(one?.recognition).toBe("ineligible");
});
