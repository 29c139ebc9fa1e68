import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { Coding, Consent, ConsentProvision } from "@medplum/fhirtypes";
import { parse } from "yaml";
import { decide, mayPermit, permits } from "../../src/consent/decide.ts";
import {
  type AccessRequest,
  type Category,
  codeSystems,
  type Dates,
  type Purpose,
  type VisitKey,
} from "../../src/consent/model.ts";
import { actor, around, at, found, granted, item, lookup, noon } from "./consents.ts";

interface Case {
  says: string;
  grants?: GrantCase[];
  consents?: ProvisionCase[];
  asks?: {
    recipient?: string;
    purpose?: Purpose;
    categories?: Category[];
    from?: string;
    to?: string;
    at?: string;
    visit?: string;
  };
  expect: "permit" | "none-given" | "not-covered" | "denied" | "too-many";
  allowed?: string[];
  refused?: string[];
}

interface GrantCase {
  to: string[];
  sources?: string[];
  categories: Category[];
  purposes?: Purpose[];
  from?: string;
  until?: string;
  data?: Dates;
  visit?: string;
  withdrawn?: boolean;
}

interface ProvisionCase extends Omit<ConsentProvision, "class" | "provision"> {
  consent?: Partial<Consent>;
  to?: string[];
  whose?: string[];
  class?: Category[];
  foreignClass?: string;
  provision?: ProvisionCase[];
  deep?: number;
}

const cases = (file: string) => parse(readFileSync(new URL(`../cases/consent/${file}`, import.meta.url), "utf8")) as Case[];

describe.each(["grants.yaml", "provisions.yaml"])("consents decided as %s says", (file) => {
  it.each(cases(file).map((one) => [one.says, one] as const))("%s", (_says, one) => {
    const consents = [...(one.grants ?? []).map(grantOf), ...(one.consents ?? []).map(consentOf)];
    const decision = decide(found(...consents), requestOf(one), one.asks?.at === undefined ? noon : new Date(one.asks.at));
    expect(decision.kind === "permit" ? "permit" : decision.reason).toBe(one.expect);
    if (decision.kind !== "permit") return;
    expect(decision.basis.length).toBeGreaterThan(0);
    const judged = (texts: string[] = []) => texts.map((text) => `${text}: ${permits(decision.residual, item(text))}`);
    expect(judged(one.allowed)).toEqual((one.allowed ?? []).map((text) => `${text}: true`));
    expect(judged(one.refused)).toEqual((one.refused ?? []).map((text) => `${text}: false`));
    for (const text of one.allowed ?? []) expect(mayPermit(decision.residual, item(text))).toBe(true);
  });
});

describe("which institutions may be asked, and named", () => {
  it.each([
    ["a named source", { institution: "a-provincial", category: "lab" }, true],
    ["a source that was not named", { institution: "b-central", category: "lab" }, false],
    ["a category that was not granted", { institution: "a-provincial", category: "imaging" }, false],
    [
      "dates that overlap the granted ones",
      { institution: "a-provincial", category: "lab", from: "2026-06-01", to: "2026-12-31" },
      true,
    ],
    ["dates after the granted ones", { institution: "a-provincial", category: "lab", from: "2026-07-01" }, false],
  ] as const)("%s", (_says, scope, expected) => {
    const consent = granted({
      recipients: [at("c-county")],
      sources: [at("a-provincial")],
      categories: ["lab"],
      purposes: ["TREAT"],
      period: { end: "2027-01-01" },
      dataPeriod: { start: "2026-01-01", end: "2026-06-30" },
    });
    const decision = decide(found(consent), lookup, noon);
    if (decision.kind !== "permit") throw new Error(decision.reason);
    expect(mayPermit(decision.residual, { ...scope, institution: at(scope.institution) })).toBe(expected);
  });

  it("not one whose data another consent denies, whatever the date", () => {
    const decision = decide(
      found(
        granted({ recipients: [at("c-county")], categories: ["lab"], purposes: ["TREAT"], period: { end: "2027-01-01" } }),
        around({ type: "deny", actor: [actor("CST", "b-central")] }),
      ),
      lookup,
      noon,
    );
    if (decision.kind !== "permit") throw new Error(decision.reason);
    const named = ["a-provincial", "b-central"].filter((code) =>
      mayPermit(decision.residual, { institution: at(code), category: "lab" }),
    );
    expect(named).toEqual(["a-provincial"]);
  });
});

it("more consents than can be read permit nothing", () => {
  const consent = granted({
    recipients: [at("c-county")],
    categories: ["lab"],
    purposes: ["TREAT"],
    period: { end: "2027-01-01" },
  });
  expect(decide({ consents: [consent], complete: false }, lookup, noon)).toEqual({ kind: "deny", reason: "too-many" });
});

it("the basis names the consents a permit rests on, with their versions, and no others", () => {
  const grant = {
    recipients: [at("c-county")],
    categories: ["lab"],
    purposes: ["TREAT"],
    period: { end: "2027-01-01" },
  } as const;
  const consents = [
    { ...granted(grant, 1), meta: { versionId: "3" } },
    granted({ ...grant, recipients: [at("b-central")] }, 2),
    granted({ ...grant, purposes: ["ETREAT"] }, 3),
    around({ type: "deny", class: [{ system: codeSystems.category, code: "imaging" }] }),
  ];
  expect(decide(found(...consents), lookup, noon)).toMatchObject({ kind: "permit", basis: [{ id: "h1", version: "3" }] });
});

function grantOf(one: GrantCase, index: number): Consent {
  const visit = one.visit === undefined ? {} : { visit: visitOf(one.visit) };
  const consent = granted(
    {
      recipients: one.to.map(at),
      categories: one.categories,
      purposes: one.purposes ?? ["TREAT"],
      period: { end: one.until ?? "2027-12-31", ...(one.from === undefined ? {} : { start: one.from }) },
      ...(one.sources === undefined ? {} : { sources: one.sources.map(at) }),
      ...(one.data === undefined ? {} : { dataPeriod: one.data }),
      ...visit,
    },
    index,
  );
  return one.withdrawn ? { ...consent, status: "inactive" } : consent;
}

function consentOf(one: ProvisionCase, index: number): Consent {
  return around(provisionOf(one), one.consent, index);
}

function provisionOf({
  consent: _consent,
  to,
  whose,
  class: classes,
  foreignClass,
  provision,
  deep,
  actor: actors,
  ...fhir
}: ProvisionCase): ConsentProvision {
  const all = [
    ...(to ?? []).map((code) => actor("IRCP", code)),
    ...(whose ?? []).map((code) => actor("CST", code)),
    ...(actors ?? []),
  ];
  const codings: Coding[] = (classes ?? []).map((code) => ({ system: codeSystems.category, code }));
  if (foreignClass !== undefined) codings.push({ system: "http://hl7.org/fhir/resource-types", code: foreignClass });
  return {
    ...fhir,
    ...(all.length === 0 ? {} : { actor: all }),
    ...(codings.length === 0 ? {} : { class: codings }),
    ...(provision === undefined ? {} : { provision: provision.map(provisionOf) }),
    ...(deep === undefined ? {} : { provision: [nested(deep)] }),
  };
}

function nested(levels: number): ConsentProvision {
  return { type: "permit", ...(levels === 0 ? {} : { provision: [nested(levels - 1)] }) };
}

function requestOf({ asks = {} }: Case): AccessRequest {
  return {
    recipient: at(asks.recipient ?? "c-county"),
    purpose: asks.purpose ?? "TREAT",
    categories: asks.categories ?? ["record", "lab", "imaging"],
    ...(asks.from === undefined ? {} : { from: asks.from }),
    ...(asks.to === undefined ? {} : { to: asks.to }),
    ...(asks.visit === undefined ? {} : { visit: visitOf(asks.visit) }),
  };
}

function visitOf(text: string): VisitKey {
  const [institution = "", number = ""] = text.split("/");
  return { institution: at(institution), number };
}
