import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { rules } from "../../src/recognition/rules/all.ts";
import { casesFolder } from "./laboratory.ts";

/** What a case may be about: a rule, or what a decision does beside its rules. */
export const subjects = [...rules.keys(), "panel", "several-results", "silence"];

const outcomes = z.enum(["must", "may", "ineligible"]);

// What a laboratory director reads and writes: test/cases/recognition/README.md says how.
const Case = z
  .strictObject({
    said: z.string().min(5),
    rule: z.enum(subjects),
    /** Document and article, as the region's policy cites them: `国卫医发〔2022〕6号 第十二条`. */
    clause: z.string().regex(/^\S+ \S+$/, "must be a document, a space and its clause"),
    now: z.string().optional(),
    /** Parts of the policy's head that a region may set otherwise. */
    policy: z.looseObject({}).default({}),
    order: z
      .strictObject({
        item: z.string().optional(),
        panel: z.string().optional(),
        institution: z.string().optional(),
        setting: z.enum(["outpatient", "inpatient", "emergency"]).optional(),
        emergency: z.boolean().optional(),
        platform: z.string().optional(),
        department: z.string().optional(),
        campus: z.string().optional(),
      })
      .default({}),
    result: z.looseObject({}).optional(),
    results: z.array(z.looseObject({})).optional(),
    certificates: z.array(z.looseObject({})).default([{}]),
    /** Institutions that did not answer. */
    silent: z.array(z.string()).default([]),
    expect: z.strictObject({
      recognition: z.enum([...outcomes.options, "none", "own"]).optional(),
      daysLeft: z.number().optional(),
      causes: z.array(z.string()).optional(),
      notes: z.array(z.string()).optional(),
      basis: z.string().optional(),
      certificate: z.enum(["valid", "carried-over"]).optional(),
      /** What the quality centre is told of the mark: the state of the certificate. */
      flagged: z.string().optional(),
      /** Of several results: what each comes to, newest first. */
      others: z.array(outcomes).optional(),
      own: z.array(outcomes).optional(),
      unknown: z.array(z.string()).optional(),
      advice: z.enum(["all", "core", "remaining", "none"]).optional(),
      recognised: z.array(z.string()).optional(),
      remaining: z.array(z.string()).optional(),
    }),
  })
  .refine((one) => one.result === undefined || one.results === undefined, "has either one result or several")
  .refine((one) => (one.order.panel !== undefined) === (one.expect.advice !== undefined), "a panel expects an advice");
export type Case = z.output<typeof Case>;

/** Every case of every region, file by file. */
export const caseFiles: readonly { readonly region: string; readonly file: string; readonly cases: readonly Case[] }[] =
  readdirSync(casesFolder, { withFileTypes: true })
    .filter((one) => one.isDirectory())
    .flatMap(({ name: region }) =>
      readdirSync(path.join(casesFolder, region))
        .filter((file) => file.endsWith(".yaml") && file !== "plain.yaml")
        .sort()
        .map((file) => ({ region, file, cases: casesIn(region, file) })),
    );

function casesIn(region: string, file: string): Case[] {
  const parsed = z.array(Case).safeParse(parse(readFileSync(path.join(casesFolder, region, file), "utf8")));
  if (!parsed.success) throw new Error(`${region}/${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
