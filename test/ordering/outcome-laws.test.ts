import { describe, expect, it } from "@jest/globals";
import type { DetectedIssue, Task } from "@medplum/fhirtypes";
import fc from "fast-check";
import { checkRecognition } from "../../src/ordering/check/check-recognition.ts";
import { factIn } from "../../src/ordering/outcomes/fact-event.ts";
import { objectToAnswers } from "../../src/ordering/outcomes/object-to-answers.ts";
import type { Outcome } from "../../src/ordering/outcomes/outcome.ts";
import { readCases } from "../../src/ordering/outcomes/read-cases.ts";
import { type ReadIssue, readIssue } from "../../src/ordering/outcomes/read-issue.ts";
import { recordOutcomes } from "../../src/ordering/outcomes/record-outcomes.ts";
import { reconsiderIssues } from "../../src/ordering/outcomes/store-issues.ts";
import { code, createOrderingWorld } from "./ordering-world.ts";

/** What may happen to a case: said by anybody, in any order, some of it at the same moment, the engine dying at any commit of it. */
type Step = { readonly does: "adopt" | "decline" | "other reason" | "no reason" | "revoke"; readonly diesAt?: number };

const step: fc.Arbitrary<Step> = fc.record(
  {
    does: fc.constantFrom(
      "adopt" as const,
      "decline" as const,
      "other reason" as const,
      "no reason" as const,
      "revoke" as const,
    ),
    diesAt: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ["does"] },
);
/** Steps of one list begin at the same moment. */
const story = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 });

const asker = { client: "c-county", institution: code("c-county"), practitioner: { id: "1008" } };
const declined = (reason?: string): Outcome => ({
  order: "o1",
  outcome: "declined",
  ...(reason === undefined ? {} : { reason, explained: {} }),
});

async function aCase() {
  const world = await createOrderingWorld();
  await world.link(["a-provincial"]);
  await world.result({});
  await world.grant();
  const { id, results } = await checkRecognition(world.deps, world.ask());
  const evidence = results[0]?.lines[0]?.evidence ?? "";
  const say = (outcome: Outcome) => recordOutcomes(world.deps, { asker, check: id, outcomes: [outcome] });
  const does = {
    adopt: () => say({ order: "o1", outcome: "adopted", evidence }),
    decline: () => say(declined("condition-changed")),
    "other reason": () => say(declined("rapidly-changing")),
    "no reason": () => say(declined()),
    revoke: () =>
      objectToAnswers(world.deps, { asker, check: id, code: "revoked", objections: [{ order: "o1", text: "误点" }] }),
  };
  const all = <T extends { resourceType: string }>(tenant: string, type: string) =>
    world.store.all(code(tenant)).filter((one) => one.resourceType === type) as unknown as T[];
  return {
    world,
    case: results[0]?.case ?? "",
    does,
    issues: () => all<DetectedIssue>("c-county", "DetectedIssue"),
    tasks: () => all<Task>("DEFAULT", "Task"),
  };
}

type Case = Awaited<ReturnType<typeof aCase>>;

/** Plays the steps of one moment; one that dies takes nobody else with it. */
async function play({ world, does }: Case, moment: readonly Step[]): Promise<void> {
  const dies = Math.min(...moment.map((one) => one.diesAt ?? Number.POSITIVE_INFINITY));
  let commits = 0;
  world.store.beforeCommit((tenant) => {
    if (tenant === "DEFAULT" && ++commits === dies) throw new Error("killed");
  });
  await Promise.allSettled(moment.map((one) => does[one.does]()));
  world.store.beforeCommit(undefined);
}

/** The sweeper comes by, long after the last writer is gone. */
async function sweep({ world, tasks }: Case): Promise<void> {
  world.pass(121_000);
  for (const task of tasks()) if (task.status === "on-hold") await reconsiderIssues(world.deps, task);
}

describe("whatever is said of a case, at once or one after the other, with the engine dying anywhere", () => {
  it("one answer stands at most, nothing is edited, and each thing said is one fact", async () => {
    await fc.assert(
      fc.asyncProperty(story, async (moments) => {
        const one = await aCase();
        for (const moment of moments) await play(one, moment);
        await sweep(one);
        const said = one.issues().flatMap((issue) => readIssue(issue) ?? []);
        expect(one.issues().every((issue) => issue.meta?.versionId === "1")).toBe(true);
        expect(one.tasks().every((task) => task.status === "completed")).toBe(true);
        const answers = said.filter(({ code: what }) => what === "adopted" || what === "declined");
        const revocations = said.filter(({ code: what }) => what === "revoked");
        // Answers and revocations take turns: 0, 1, 2, … each once, and only the last may stand.
        const ordinals = (list: readonly ReadIssue[]) => list.map((issue) => issue.ordinal).sort((a, b) => a - b);
        expect(ordinals(answers)).toEqual(answers.map((_, index) => index));
        expect(ordinals(revocations)).toEqual(revocations.map((_, index) => index));
        expect(answers.length - revocations.length).toBeGreaterThanOrEqual(0);
        expect(answers.length - revocations.length).toBeLessThanOrEqual(1);
        const { standing } = (await readCases(one.world.store, code("c-county"), [one.case])).get(one.case) ?? {};
        expect(standing?.ordinal).toBe(answers.length > revocations.length ? answers.length - 1 : undefined);
        const facts = one.world.events().flatMap((event) => factIn(event) ?? []);
        const told = facts.flatMap(({ issue }) => issue?.id ?? []);
        expect(told.sort()).toEqual(said.map((issue) => issue.id).sort());
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
