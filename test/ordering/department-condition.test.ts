import { expect, it } from "@jest/globals";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { catalogueOn } from "../../src/recognition/catalogue.ts";
import type { Condition } from "../../src/recognition/policy-schema.ts";
import { linhuPolicy } from "../recognition/laboratory.ts";
import { createOrderingWorld } from "./ordering-world.ts";

const notForDialysis: Condition = {
  source: "例",
  clause: "例",
  effective: { from: "2025-01-01" },
  provisional: false,
  id: "not-for-dialysis",
  expression: "(%visit.department = '0307').not()",
  effect: "may",
  text: "透析室由医师判断",
};

interface Row {
  readonly department: { readonly code: string; readonly name: string } | undefined;
  readonly recognition: string;
}

it.each`
  department                              | recognition
  ${{ code: "0301", name: "内科" }}       | ${"must"}
  ${{ code: "0307", name: "血液透析室" }} | ${"may"}
  ${undefined}                            | ${"may"}
`("a condition of the region sees the department that orders: $department.name", async (row) => {
  const { department, recognition } = row as unknown as Row;
  const world = await createOrderingWorld();
  await world.link(["a-provincial"]);
  await world.certify();
  await world.result({});
  await world.grant();
  const policy = await linhuPolicy();
  const data = await world.deps.recognitionData();
  const catalogue = catalogueOn({ ...policy, entries: { ...policy.entries, conditions: [notForDialysis] } }, world.deps.now());
  const visit = { number: "M1", kind: "outpatient" as const, ...(department === undefined ? {} : { department }) };
  const { results } = await checkRecognition(
    { ...world.deps, recognitionData: async () => ({ ...data, catalogue }) },
    world.ask({ visit }),
  );
  expect(results[0]?.lines.map((line) => line.recognition)).toEqual([recognition]);
});
