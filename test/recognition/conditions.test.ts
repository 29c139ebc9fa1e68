import { describe, expect, it } from "@jest/globals";
import type { Observation, Resource } from "@medplum/fhirtypes";
import fc from "fast-check";
import { exactNumber } from "../../src/kernel/exact-json.ts";
import { type ConditionFacts, compileCondition } from "../../src/recognition/conditions.ts";
import type { Condition } from "../../src/recognition/policy-schema.ts";

const condition = (expression: string, kinds?: Condition["kinds"]): Condition => ({
  id: "c",
  source: "例",
  clause: "例",
  effective: { from: "2025-01-01" },
  provisional: false,
  effect: "may",
  text: "不满足",
  expression,
  ...(kinds === undefined ? {} : { kinds }),
});

const party = (code: string, ji: number) => ({
  code,
  level: { ji, deng: "甲" },
  ownership: "public",
  region: { province: "临湖省", city: "临湖市" },
});

const potassium: Observation = {
  resourceType: "Observation",
  status: "final",
  code: { text: "钾" },
  valueQuantity: { value: exactNumber("4.10"), unit: "mmol/L" },
  note: [{ text: "标本轻度溶血" }],
};

const facts = (more: Partial<ConditionFacts> = {}): ConditionFacts => ({
  resource: potassium,
  order: { item: "potassium", kind: "lab", setting: "inpatient", emergency: false },
  institution: party("c-county", 2),
  laboratory: party("a-provincial", 3),
  ageDays: 2.5,
  ...more,
});

const asked = (expression: string, more: Partial<ConditionFacts> = {}) => {
  const compiled = compileCondition(condition(expression, ["lab"]));
  return "wrong" in compiled ? compiled.wrong : compiled.holds(facts(more));
};

describe("a condition", () => {
  it.each`
    said                                       | expression                                                                        | holds
    ${"sees the result's text"}                | ${"note.text.where(contains('溶血')).empty()"}                                    | ${false}
    ${"sees an exact decimal as a number"}     | ${"value.ofType(Quantity).value < 4.11"}                                          | ${true}
    ${"sees a choice without its type"}        | ${"value.unit = 'mmol/L'"}                                                        | ${true}
    ${"sees the order"}                        | ${"%order.setting = 'inpatient' and %order.emergency = false"}                    | ${true}
    ${"sees who orders and who measured"}      | ${"%laboratory.ji >= %institution.ji and %laboratory.city = '临湖市'"}            | ${true}
    ${"sees how old the result is"}            | ${"%ageDays <= 2"}                                                                | ${false}
    ${"cannot tell what is not there"}         | ${"method.coding.code = 'x'"}                                                     | ${undefined}
    ${"may say what absence means"}            | ${"method.empty() or method.text = 'x'"}                                          | ${true}
    ${"sees parts that conditions name twice"} | ${"value.exists() implies (value is Quantity and status in ('final'|'amended'))"} | ${true}
  `("$said: $expression", ({ expression, holds }) => expect(asked(String(expression))).toBe(holds));

  it("cannot tell who measured where the source does not say, nor the age of an undated result", () => {
    expect(asked("%laboratory.ji >= 2", { laboratory: undefined })).toBeUndefined();
    expect(asked("%laboratory.empty()", { laboratory: undefined })).toBe(true);
    expect(asked("%ageDays <= 2", { ageDays: undefined })).toBeUndefined();
  });

  it("of a department is told only where it is known", () => {
    expect(asked("%visit.department = '03'", { department: "03" })).toBe(true);
    expect(asked("%visit.department.empty()")).toBe(true);
  });

  it("does not look into a result of a size no laboratory sends", () => {
    const note = Array.from({ length: 3_000 }, () => ({ text: "长".repeat(100) }));
    expect(asked("note.exists()", { resource: { ...potassium, note } })).toBeUndefined();
  });

  it("writes nothing into the result", () => {
    const frozen = Object.freeze(structuredClone({ ...potassium, valueQuantity: { value: 4 } })) as Resource;
    expect(asked("value.ofType(Quantity).value > 3 and note.empty()", { resource: frozen })).toBe(false);
    expect(frozen).toEqual({ ...potassium, valueQuantity: { value: 4 } });
  });
});

describe("a wrong condition is told in words", () => {
  it.each`
    expression                                                                                               | wrong
    ${"status ="}                                                                                            | ${/^is not FHIRPath: mismatched input/}
    ${"valeu.exists()"}                                                                                      | ${"asks Observation for valeu, which it does not have"}
    ${"value.ofType(Quantity).valeu > 3"}                                                                    | ${"asks Quantity for valeu, which it does not have"}
    ${"component.valeu.exists()"}                                                                            | ${"asks Observation.component for valeu, which it does not have"}
    ${"component.where(kode.exists()).exists()"}                                                             | ${"asks Observation.component for kode, which it does not have"}
    ${"value.ofType(Quantiti).exists()"}                                                                     | ${"names the type Quantiti, which FHIR R4 does not have"}
    ${"constructor.exists()"}                                                                                | ${"asks Observation for constructor, which it does not have"}
    ${"%institution.__proto__.exists()"}                                                                     | ${"asks %institution for __proto__, which it does not have"}
    ${"%nobody.code = 'x'"}                                                                                  | ${/^names %nobody; there are %order, /}
    ${"%order.sitting = 'inpatient'"}                                                                        | ${"asks %order for sitting, which it does not have"}
    ${"code"}                                                                                                | ${"gives CodeableConcept, where a condition says true or false"}
    ${"now() > today()"}                                                                                     | ${/^calls the function now, /}
    ${"code.text.matches('(a+)+$')"}                                                                         | ${/^calls the function matches, /}
    ${"descendants().exists()"}                                                                              | ${/^calls the function descendants, /}
    ${"subject.resolve().exists()"}                                                                          | ${/^calls the function resolve, /}
    ${"numberOfInstances > 0"}                                                                               | ${"asks Observation for numberOfInstances, which it does not have"}
    ${"component.where(component.where(component.where(component.where(true).exists()).exists()).exists())"} | ${/^nests where, select, all and exists more than 3 deep/}
  `("$expression", ({ expression, wrong }) => {
    expect(asked(String(expression))).toEqual(wrong instanceof RegExp ? expect.stringMatching(wrong) : wrong);
  });

  it("that is too long", () => {
    expect(asked(`status = '${"x".repeat(1_000)}'`)).toBe("is longer than 1000 characters");
    expect(asked(Array.from({ length: 120 }, () => "true").join(" or "))).toBe("is too long: split it into several conditions");
  });
});

describe("for every text", () => {
  const word = fc.constantFrom(
    ...[
      "status",
      "value",
      "%order",
      "%order.item",
      "component",
      ".where(",
      ".exists()",
      ".ofType(Quantity)",
      "(",
      ")",
      " and ",
      " = ",
    ],
    ...[
      "'x'",
      "3",
      "{}",
      "[0]",
      "$this",
      " is ",
      " | ",
      "iif(",
      ",",
      ".first()",
      "not()",
      "`",
      "%",
      "@2020-01-01",
      "-",
      "!",
      "\\",
    ],
  );
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(word, { maxLength: 14 }).map((words) => words.join("")),
  );

  it("compiling tells what is wrong or gives a condition that answers, and never throws", () => {
    fc.assert(
      fc.property(text, (expression) => {
        const answer = asked(expression);
        return answer === undefined || typeof answer === "boolean" || (typeof answer === "string" && answer.length > 0);
      }),
      { numRuns: 500 },
    );
  });
});
