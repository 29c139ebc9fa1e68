import { describe, expect, it } from "@jest/globals";
import type { Consent, ConsentProvision } from "@medplum/fhirtypes";
import fc from "fast-check";
import { decide, mayPermit, permits } from "../../src/consent/decide.ts";
import { codeSystems, type DataItem } from "../../src/consent/model.ts";
import { actor, around, at, found, lookup, noon } from "./consents.ts";

const institutions = ["a-provincial", "b-central"] as const;
const categories = ["record", "lab", "imaging"] as const;
const dates = ["2025-06-01", "2026-06-01", "2026", undefined] as const;
const items: DataItem[] = institutions.flatMap((institution) =>
  categories.flatMap((category) =>
    dates.map((date) => ({ institution: at(institution), category, ...(date === undefined ? {} : { date }) })),
  ),
);

// Small vocabularies, so that provisions meet each other and the request often.
const elements: fc.Arbitrary<ConsentProvision> = fc
  .record(
    {
      recipient: fc.constantFrom("c-county", "c-county", "b-central"),
      source: fc.constantFrom(...institutions),
      category: fc.constantFrom(...categories, "unheard-of"),
      period: fc.constantFrom({ end: "2027" }, { end: "2026-01-01" }, { start: "2026-11-19" }, { start: "soon" }),
      dataPeriod: fc.constantFrom(
        { start: "2026-01-01" },
        { end: "2025-12-31" },
        { start: "2026-05-01", end: "2026-07-01" },
        { end: "x" },
      ),
      purpose: fc.constantFrom("TREAT", "TREAT", "ETREAT", "HRESCH"),
      odd: fc.constantFrom<ConsentProvision>({ code: [{ text: "HIV" }] }, { modifierExtension: [{ url: "urn:x" }] }),
    },
    { requiredKeys: [] },
  )
  .map(({ recipient, source, category, period, dataPeriod, purpose, odd }) => {
    const actors = [...(recipient ? [actor("IRCP", recipient)] : []), ...(source ? [actor("CST", source)] : [])];
    return {
      ...(actors.length === 0 ? {} : { actor: actors }),
      ...(category === undefined ? {} : { class: [{ system: codeSystems.category, code: category }] }),
      ...(period === undefined ? {} : { period }),
      ...(dataPeriod === undefined ? {} : { dataPeriod }),
      ...(purpose === undefined ? {} : { purpose: [{ system: codeSystems.purpose, code: purpose }] }),
      ...(odd !== undefined && category === "unheard-of" ? odd : {}),
    };
  });

/** A provision with exceptions to exceptions, `levels` deep at most. */
function tree(levels: number): fc.Arbitrary<ConsentProvision> {
  const exceptions: fc.Arbitrary<ConsentProvision[]> =
    levels === 1 ? fc.constant([]) : fc.array(tree(levels - 1), { maxLength: 2 });
  return fc.tuple(elements, fc.constantFrom("permit" as const, "deny" as const), exceptions).map(([one, type, inner]) => ({
    ...one,
    type,
    ...(inner.length === 0 ? {} : { provision: inner }),
  }));
}
const provision = tree(3);
/** Mostly consents that permit this recipient something, else the laws would hold of nothing. */
const consent = fc.tuple(provision, fc.integer({ min: 0, max: 9 })).map(([root, draw]) => {
  if (draw > 6) return around(root);
  const { period: _period, purpose: _purpose, modifierExtension: _modifier, code: _code, ...rest } = root;
  return around({
    ...rest,
    type: "permit",
    actor: [actor("IRCP", "c-county"), ...(draw > 4 ? [actor("CST", "b-central")] : [])],
  });
});
const consents = fc.array(consent, { minLength: 1, maxLength: 3 });

/** Everything these consents let c-county see. */
function released(list: readonly Consent[]): Set<DataItem> {
  const decision = decide(found(...list), lookup, noon);
  return new Set(decision.kind === "permit" ? items.filter((one) => permits(decision.residual, one)) : []);
}

/** The same consents with one provision, chosen by `pick` among all that fit, changed. */
function changed(
  list: readonly Consent[],
  pick: number,
  change: (one: ConsentProvision) => ConsentProvision,
  fits: (one: ConsentProvision) => boolean = () => true,
): Consent[] {
  const count = list.reduce((sum, one) => sum + countOf(one.provision, fits), 0);
  let left = count === 0 ? -1 : pick % count;
  const walk = (one: ConsentProvision): ConsentProvision => {
    const mine = fits(one) && left-- === 0;
    const inner = one.provision?.map(walk);
    const kept = inner === undefined ? one : { ...one, provision: inner };
    return mine ? change(kept) : kept;
  };
  return list.map((one) => (one.provision === undefined ? one : { ...one, provision: walk(one.provision) }));
}

function countOf(one: ConsentProvision | undefined, fits: (one: ConsentProvision) => boolean): number {
  if (one === undefined) return 0;
  return (fits(one) ? 1 : 0) + (one.provision ?? []).reduce((sum, inner) => sum + countOf(inner, fits), 0);
}

const within = (one: Set<DataItem>, other: Set<DataItem>) => one.isSubsetOf(other);
const addInside = (inner: ConsentProvision) => (one: ConsentProvision) => ({
  ...one,
  provision: [...(one.provision ?? []), inner],
});
const runs = { numRuns: 2_000 };

describe("laws of consent, for any consents", () => {
  it("are tried on consents that release something and withhold something", () => {
    const sizes = fc.sample(consents, { numRuns: 500, seed: 1 }).map((list) => released(list).size);
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(200);
    expect(sizes.filter((size) => size > 0 && size < items.length).length).toBeGreaterThan(150);
  });

  it("a denial never widens, wherever it is added", () => {
    fc.assert(
      fc.property(consents, provision, fc.nat(), (list, one, pick) => {
        const deny = { ...one, type: "deny" as const, provision: [] };
        const { provision: _none, ...leaf } = deny;
        return (
          within(released([...list, around(leaf)]), released(list)) &&
          within(released(changed(list, pick, addInside(leaf))), released(list))
        );
      }),
      runs,
    );
  });

  it("a permit never narrows, wherever it is added", () => {
    fc.assert(
      fc.property(consents, elements, fc.nat(), (list, one, pick) => {
        const permit = { ...one, type: "permit" as const };
        return (
          within(released(list), released([...list, around(permit)])) &&
          within(released(list), released(changed(list, pick, addInside(permit))))
        );
      }),
      runs,
    );
  });

  it("their order is irrelevant, also inside a consent", () => {
    const reversed = (one: ConsentProvision): ConsentProvision =>
      one.provision === undefined ? one : { ...one, provision: one.provision.map(reversed).reverse() };
    fc.assert(
      fc.property(consents, (list) => {
        const other = list.map((one) => ({ ...one, provision: reversed(one.provision ?? {}) })).reverse();
        return within(released(list), released(other)) && within(released(other), released(list));
      }),
      runs,
    );
  });

  it("the end of a permit without exceptions never widens", () => {
    const isPermit = (one: ConsentProvision) =>
      one.type === "permit" && one.provision === undefined && one.modifierExtension === undefined;
    const expire = (one: ConsentProvision) => ({ ...one, period: { end: "2026-11-17" } });
    fc.assert(
      fc.property(consents, fc.nat(), (list, pick) => within(released(changed(list, pick, expire, isPermit)), released(list))),
      runs,
    );
  });

  it("a withdrawn permit without exceptions never widens", () => {
    fc.assert(
      fc.property(consents, elements, (list, one) => {
        const permit = around({ ...one, type: "permit" });
        return within(released([...list, { ...permit, status: "inactive" }]), released([...list, permit]));
      }),
      runs,
    );
  });

  it.each<[string, ConsentProvision]>([
    ["a modifier", { modifierExtension: [{ url: "urn:unknown", valueBoolean: true }] }],
    ["a code", { code: [{ coding: [{ system: "urn:unknown", code: "x" }] }] }],
    ["a sensitivity label", { securityLabel: [{ system: "urn:unknown", code: "x" }] }],
    ["data by reference", { data: [{ meaning: "instance", reference: { reference: "Observation/1" } }] }],
    ["a period that cannot be read", { period: { start: "soon" } }],
    ["an action that cannot be read", { action: [{ text: "look" }] }],
  ])("what is not understood never permits: %s added anywhere", (_says, unknown) => {
    fc.assert(
      fc.property(consents, fc.nat(), (list, pick) => {
        const odd = changed(
          list,
          pick,
          (one) => ({ ...one, ...unknown }),
          (one) => unknown.period === undefined || one.period === undefined,
        );
        return within(released(odd), released(list));
      }),
      runs,
    );
  });

  it("what may be released is always announced: its institution may be asked, for its dates too", () => {
    fc.assert(
      fc.property(consents, (list) => {
        const decision = decide(found(...list), lookup, noon);
        if (decision.kind !== "permit") return true;
        return [...released(list)].every(
          ({ institution, category, date }) =>
            mayPermit(decision.residual, { institution, category }) &&
            (date === undefined || mayPermit(decision.residual, { institution, category, from: date, to: date })),
        );
      }),
      runs,
    );
  });

  it("a request for less never gets more of it", () => {
    fc.assert(
      fc.property(consents, (list) => {
        const decision = decide(found(...list), { ...lookup, categories: ["lab"] }, noon);
        const less = decision.kind === "permit" ? items.filter((one) => permits(decision.residual, one)) : [];
        const labs = [...released(list)].filter((one) => one.category === "lab");
        return less.length === labs.length && less.every((one) => labs.includes(one));
      }),
      runs,
    );
  });
});
