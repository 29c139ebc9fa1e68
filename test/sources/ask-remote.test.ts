import { describe, expect, it } from "@jest/globals";
import type { Encounter, Resource } from "@medplum/fhirtypes";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { pause } from "../../src/kernel/clock.ts";
import { Fault } from "../../src/kernel/fault.ts";
import type { AskedPatient, SourceAnswer } from "../../src/sources/answer.ts";
import type { RemoteSources } from "../../src/sources/ask-remote.ts";
import { type AskDeps, askSources } from "../../src/sources/ask-sources.ts";
import { createSourceGate } from "../../src/sources/source-gate.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";

const code = (text: string) => text as InstitutionCode;
const visit = (institution: string, patient = `h-${institution}`): Encounter => ({
  resourceType: "Encounter",
  id: `h-visit-${institution}`,
  status: "finished",
  class: { code: "AMB" },
  subject: { reference: `Patient/${patient}` },
});
const patient = (institution: string): AskedPatient => ({
  institution: code(institution),
  patient: `h-${institution}` as ResourceId,
  categories: ["record"],
});

type Behaviour = (
  signal: AbortSignal,
) => Promise<{ kind: "refused" } | { kind: "found"; resources: Resource[]; more: boolean }>;

/** A region in which institutions run their own servers, each behaving as told; `home` is hosted. */
function region(behaviours: Record<string, Behaviour>, more: Partial<AskDeps> = {}) {
  let time = 0;
  const store = createMemoryStore();
  const now = () => new Date(time);
  const calls: string[] = [];
  const remote: RemoteSources = {
    async search({ institution }, { type }, signal) {
      if (type !== "Encounter") return { kind: "found", resources: [], more: false };
      calls.push(institution);
      return await (behaviours[institution] as Behaviour)(signal);
    },
  };
  const deps: AskDeps = {
    store,
    remote,
    now,
    gate: createSourceGate({ concurrent: 2, failures: 3, openMs: 30_000 }, now),
    endpointOf: (institution) =>
      institution === "home"
        ? { kind: "hosted" }
        : institution in behaviours
          ? { kind: "fhir", url: "https://x.example" }
          : undefined,
    timeoutMs: 60,
    ...more,
  };
  const ask = async (...institutions: string[]) => {
    const heard: SourceAnswer[] = [];
    await askSources(deps, { patients: institutions.map(patient), question: {} }, async (answer) => {
      heard.push(answer);
    });
    return heard;
  };
  const pass = (ms: number) => {
    time += ms;
  };
  return { ask, calls, store, pass };
}

const well =
  (institution: string): Behaviour =>
  async () => ({ kind: "found", resources: [visit(institution)], more: false });
const stalled: Behaviour = () => new Promise(() => {});

describe("asking institutions with their own server", () => {
  it.each<[string, Behaviour, string, string | undefined]>([
    ["answers", well("x"), "answered", undefined],
    ["has nothing", async () => ({ kind: "found", resources: [], more: false }), "nothing", undefined],
    ["has more than fits", async () => ({ kind: "found", resources: [visit("x")], more: true }), "more", undefined],
    ["refuses", async () => ({ kind: "refused" }), "refused", "unavailable"],
    ["is down", async () => Promise.reject(new Fault("store-down")), "failed", "unavailable"],
    ["says it took too long", async () => Promise.reject(new Fault("source-timeout")), "timed-out", "unavailable"],
    ["stalls and does not even hear that its time is over", stalled, "timed-out", "unavailable"],
    [
      "answers about somebody else",
      async () => ({ kind: "found", resources: [visit("x", "h-other")], more: false }),
      "failed",
      "wrong-patient",
    ],
    [
      "answers about somebody who has no id",
      async () => ({ kind: "found", resources: [{ ...visit("x"), subject: {} }], more: false }),
      "failed",
      "wrong-patient",
    ],
    [
      "answers with another address of the same id",
      async () => ({ kind: "found", resources: [visit("x", "https://evil.example/Patient/h-x")], more: false }),
      "failed",
      "wrong-patient",
    ],
  ])("one that %s", async (_said, behaviour, outcome, reason) => {
    const [answer] = await region({ x: behaviour }).ask("x");
    expect([answer?.outcome, answer?.reason]).toEqual([outcome, reason]);
    if (reason !== undefined) expect(answer?.resources).toEqual([]);
  });

  it("each has its own deadline: a stalled one does not keep the others' answers back", async () => {
    const heard = await region({ x: stalled, y: well("y") }).ask("x", "y", "home");
    expect(heard.map(({ institution, outcome }) => [institution, outcome])).toEqual([
      ["home", "nothing"],
      ["y", "answered"],
      ["x", "timed-out"],
    ]);
  });

  it("one the registry no longer knows is not asked, and its line says failed", async () => {
    const [answer] = await region({}).ask("gone");
    expect(answer?.outcome).toBe("failed");
  });

  it("is left alone after three failures in a row, and tried again by one request when the time is over", async () => {
    const world = region({ x: async () => Promise.reject(new Fault("store-down")) });
    for (let n = 0; n < 5; n++) await world.ask("x");
    expect(world.calls).toHaveLength(3);
    world.pass(31_000);
    await Promise.all([world.ask("x"), world.ask("x")]);
    expect(world.calls).toHaveLength(4);
  });

  it("gets at most two requests at once; the third waits its turn", async () => {
    let inside = 0;
    let most = 0;
    const world = region(
      {
        x: async () => {
          most = Math.max(most, ++inside);
          await pause(10);
          inside--;
          return { kind: "found", resources: [visit("x")], more: false };
        },
      },
      { timeoutMs: 1_000 },
    );
    const answers = await Promise.all([world.ask("x"), world.ask("x"), world.ask("x"), world.ask("x")]);
    expect(answers.flat().map((one) => one.outcome)).toEqual(["answered", "answered", "answered", "answered"]);
    expect(most).toBe(2);
  });
});
