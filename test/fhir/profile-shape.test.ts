import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import type { ElementDefinition, Resource, StructureDefinition } from "@medplum/fhirtypes";
import { rememberPassed } from "../../src/fhir/passed-shapes.ts";
import { plainTexts, shapeOf } from "../../src/fhir/profile-shape.ts";
import { exactNumber } from "../../src/kernel/exact-json.ts";

const observation = {
  resourceType: "Observation",
  id: "h1",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code: "6690-2", display: "Leukocytes" }], text: "白细胞" },
  subject: { reference: "Patient/h2" },
  effectivePeriod: { start: "2026-10-01T08:00:00+08:00", end: "2026-10-01T09:00:00+08:00" },
  issued: "2026-10-01T08:00:00+08:00",
  valueQuantity: { value: 11.3, unit: "10*9/L" },
  referenceRange: [{ low: { value: 3.5 }, high: { value: 9.5 } }],
  extension: [{ url: "https://hutong.example/fhir/StructureDefinition/recognition-mark", valueString: "HR" }],
};
const shape = shapeOf(observation);

describe("two resources have one shape when they differ in", () => {
  it.each<[string, object]>([
    ["their id", { id: "h3" }],
    ["the patient", { subject: { reference: "Patient/h4" } }],
    ["a time", { issued: "2027-02-28T23:59:59+08:00" }],
    ["the measured number", { valueQuantity: { value: exactNumber("0.10"), unit: "10*9/L" } }],
    ["a text", { code: { ...observation.code, text: "白血球" } }],
    ["an element that is not sent", { note: undefined }],
    ["a period, also in order", { effectivePeriod: { start: "2026-10-01T08:00:00+08:00", end: "2026-10-02T08:00:00+08:00" } }],
  ])("%s", (_said, change) => expect(shapeOf({ ...observation, ...change })).toBe(shape));
});

describe("two resources have two shapes when they differ in", () => {
  it.each<[string, object]>([
    ["the type of a reference", { subject: { reference: "Device/h2" } }],
    ["how a reference is written", { subject: { reference: "#h2" } }],
    ["a code", { status: "nonsense" }],
    ["a day that is none", { issued: "2026-02-29T08:00:00+08:00" }],
    ["the precision of a time", { issued: "2026-10-01" }],
    ["a unit", { valueQuantity: { value: 11.3, unit: "g/L" } }],
    ["a number that is written as text", { valueQuantity: { value: "11.3", unit: "10*9/L" } }],
    ["a text that is blank", { code: { ...observation.code, text: " " } }],
    ["a text with what is no character", { code: { ...observation.code, text: "\u0000" } }],
    ["a text in place of a list", { code: { ...observation.code, coding: "x" } }],
    ["the length of a list", { referenceRange: [{ low: { value: 3.5 } }, { high: { value: 9.5 } }] }],
    ["an extension's address", { extension: [{ url: "urn:other", valueString: "HR" }] }],
    ["one element more", { valueString: "11.3" }],
    ["a null", { code: { ...observation.code, text: null } }],
    ["a period that ends first", { effectivePeriod: { start: "2026-10-01T08:00:00+08:00", end: "2026-10-01T07:00:00+08:00" } }],
    ["a period in two zones", { effectivePeriod: { start: "2026-10-01T08:00:00+08:00", end: "2026-10-01T08:00:00+09:00" } }],
    ["an id that is none", { id: "h 1" }],
  ])("%s", (_said, change) => expect(shapeOf({ ...observation, ...change })).not.toBe(shape));

  it("where a text ends and the next name begins", () =>
    expect(shapeOf({ status: "a4:code", code: "b" })).not.toBe(shapeOf({ status: "a", code: "4:codeb" })));
});

it("no text of which only the kind is looked at is anything but a text in R4, or fixed or compared by a profile", () => {
  const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));
  const r4 = Object.values(read("src/fhir/r4-structures.json").types as Record<string, StructureDefinition>);
  const ours = ["structures", "extensions"].flatMap((folder) =>
    readdirSync(`profiles/${folder}`).map((file) => read(`profiles/${folder}/${file}`) as StructureDefinition),
  );
  const elements = [
    ...r4.flatMap((one) => one.snapshot?.element ?? []),
    ...ours.flatMap((one) => one.differential?.element ?? []),
  ];
  const named = elements.filter(({ path = "" }) => plainTexts.has(path.slice(path.lastIndexOf(".") + 1)));
  const types = new Set(named.flatMap((element) => (element.type ?? []).map((type) => type.code)));
  expect([...types].sort()).toEqual(["Narrative", "markdown", "string"]);
  const rule = /^(fixed|pattern)|^binding$/;
  expect(named.filter((element) => Object.keys(element).some((key) => rule.test(key)))).toEqual([]);
  expect(elements.filter(namesPlainText).map(({ id }) => id)).toEqual([]);
});

/** A fixed value or pattern with such a text inside, or a constraint that asks for more of one than whether it is there. */
function namesPlainText(element: ElementDefinition): boolean {
  const fixed = Object.entries(element).filter(([key]) => /^(fixed|pattern)/.test(key));
  const asked = (element.constraint ?? []).filter(({ key }) => key !== "ele-1").map((one) => one.expression ?? "");
  return [...plainTexts].some(
    (name) =>
      fixed.some(([, value]) => JSON.stringify(value).includes(`"${name}":`)) ||
      asked.some((text) => new RegExp(`(?<!['\\w])${name}\\b(?!\\.(exists|empty)\\(\\))`).test(text)),
  );
}

describe("a check that remembers", () => {
  const counted = (problems: readonly { element: string; reason: string }[]) => {
    let calls = 0;
    const check = rememberPassed(() => {
      calls++;
      return problems;
    });
    return { check, calls: () => calls };
  };
  const one = observation as unknown as Resource;

  it("does not look again at a shape that passed, and does under another profile", () => {
    const { check, calls } = counted([]);
    expect([check(one), check({ ...one, id: "h9" }), check(one)]).toEqual([[], [], []]);
    expect(calls()).toBe(1);
    check(one, "lab-observation");
    expect(calls()).toBe(2);
  });
  it("looks each time at what failed", () => {
    const problems = [{ element: "Observation", reason: "wrong" }];
    const { check, calls } = counted(problems);
    expect([check(one), check(one)]).toEqual([problems, problems]);
    expect(calls()).toBe(2);
  });
  it("forgets the shape that passed longest ago", () => {
    const { check, calls } = counted([]);
    check(one);
    for (let at = 0; at < 20_000; at++) check({ ...one, language: `l${at}` } as Resource);
    check(one);
    expect(calls()).toBe(20_002);
  });
});
