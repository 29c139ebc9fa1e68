import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { z } from "zod";
import { catalogueOn } from "../../src/recognition/catalogue.ts";
import { decide } from "../../src/recognition/decide.ts";
import type { Policy } from "../../src/recognition/policy-schema.ts";
import { rules } from "../../src/recognition/rules/all.ts";
import {
  certificatesOf,
  type GivenCertificate,
  type GivenExamination,
  type GivenResult,
  institutionOf,
  linhuPolicy,
  orderOf,
  priorOf,
} from "./laboratory.ts";

// What a laboratory director reads and writes: test/cases/recognition/README.md says how.
const Case = z.strictObject({
  said: z.string().min(5),
  rule: z.enum([...rules.keys()] as [string, ...string[]]),
  now: z.string().default("2026-11-22 10:00"),
  order: z
    .strictObject({
      item: z.string().optional(),
      institution: z.string().optional(),
      setting: z.enum(["outpatient", "inpatient", "emergency"]).optional(),
      emergency: z.boolean().optional(),
      platform: z.string().optional(),
    })
    .default({}),
  result: z.looseObject({}).default({}),
  certificates: z.array(z.looseObject({})).default([{}]),
  expect: z.strictObject({
    recognition: z.enum(["must", "may", "ineligible", "none", "own"]),
    daysLeft: z.number().optional(),
    causes: z.array(z.string()).optional(),
    notes: z.array(z.string()).optional(),
    basis: z.string().optional(),
  }),
});

const folder = path.join(import.meta.dirname, "../cases/recognition");
let policy: Policy;
beforeAll(async () => {
  policy = await linhuPolicy();
});
const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

describe.each(files)("%s", (file) => {
  const cases = z.array(Case).parse(parse(readFileSync(path.join(folder, file), "utf8")));
  it.each(cases.map((one) => [one.said, one] as const))("%s", (_said, { now, order, result, certificates, expect: wanted }) => {
    const at = new Date(`${now.replace(" ", "T")}:00+08:00`);
    const catalogue = catalogueOn(policy, at);
    const examined = "examination" in result ? String(result.examination) : undefined;
    const item = order.item ?? (result as GivenResult).item ?? examined;
    const decision = decide(
      [priorOf(result as GivenResult | GivenExamination, catalogue)],
      orderOf({ ...(order as Parameters<typeof orderOf>[0]), ...(item === undefined ? {} : { item }) }, catalogue),
      { catalogue, certificates: certificatesOf(certificates as GivenCertificate[], catalogue, item), institutionOf, now: at },
    );
    const [own] = decision.own;
    const found = own ?? decision.others[0];
    const effects = (kept: (effect: string) => boolean) =>
      (found?.reasons ?? []).filter((reason) => kept(reason.effect)).map((reason) => reason.code);
    expect({
      recognition: own === undefined ? (found?.recognition ?? "none") : "own",
      causes: effects((effect) => effect !== "note").sort(),
      ...(wanted.daysLeft === undefined ? {} : { daysLeft: found?.daysLeft }),
      ...(wanted.basis === undefined ? {} : { basis: found?.cover?.basis }),
      ...(wanted.notes === undefined ? {} : { notes: effects((effect) => effect === "note") }),
    }).toEqual({ ...wanted, causes: [...(wanted.causes ?? [])].sort() });
  });
});

it("every rule has a case", () => {
  const named = files.flatMap((file) =>
    z
      .array(Case)
      .parse(parse(readFileSync(path.join(folder, file), "utf8")))
      .map((one) => one.rule),
  );
  expect([...rules.keys()].filter((id) => !named.includes(id))).toEqual([]);
});
