import { beforeEach, describe, expect, it } from "@jest/globals";
import type { DetectedIssue } from "@medplum/fhirtypes";
import { cdsToken, sharedIssuer } from "../http/cds-tokens.ts";
import { code } from "../ordering/ordering-world.ts";
import { type Answered, type HookClient, hookClient, type Kept, type OrderingSession, type SeenCard } from "./hook-client.ts";
import { createHookWorld, draft, item, session } from "./hook-world.ts";

type World = Awaited<ReturnType<typeof createHookWorld>>;
let world: World;
let open: OrderingSession;

const loincs = { creatinine: "14682-9", urea: "22664-7", urate: "14933-6", potassium: "2823-3", sodium: "2951-2" };
type Name = keyof typeof loincs;

beforeEach(async () => {
  world = await createHookWorld();
  await world.link(["a-provincial", "c-county"]);
  await world.grant();
});

/** Results of A that must be recognised, and a session in which they are ordered again. */
async function ordered(names: readonly Name[], drafts: Kept[] = names.map((name) => draft(`order-${name}`, item(name)))) {
  for (const name of names) {
    await world.certify("a-provincial", loincs[name]);
    await world.result({ id: `h-${name}`, item: name });
  }
  open = session(...drafts);
  return await signed();
}

async function signed(client: HookClient = world.client): Promise<Answered> {
  const [answered] = await client.fire("order-sign", open);
  if (answered === undefined) throw new Error("nobody answered");
  return answered;
}

const cardOf = (answered: Answered, at = 0): SeenCard => {
  const card = answered.cards[at];
  if (card === undefined) throw new Error("no card");
  return card;
};
async function accept(answered: Answered, card = cardOf(answered), at = 0) {
  const suggestion = card.suggestions?.[at];
  if (suggestion === undefined) throw new Error("no suggestion");
  return await world.client.accept(answered, open, { card, suggestion });
}
/** What county hospital C keeps: per answer what it says and for which order. */
const kept = () =>
  world.store
    .all(code("c-county"))
    .filter((one): one is DetectedIssue => one.resourceType === "DetectedIssue")
    .map((issue) => JSON.stringify(issue));
const state = (answer: { body: unknown } | undefined) =>
  (answer?.body as { feedback: { state: string }[] } | undefined)?.feedback.map((one) => one.state);

describe("a suggestion the doctor takes", () => {
  it("adopts the result in exactly the version that was shown, and the draft order is gone", async () => {
    const answered = await ordered(["creatinine"]);
    const answer = await accept(answered);
    expect([answer?.status, state(answer)]).toEqual([200, ["recorded"]]);
    expect(open.drafts).toEqual([]);
    expect(kept()).toEqual([expect.stringContaining("adopted")]);
    expect(kept()[0]).toContain("a-provincial/Observation/h-creatinine");
  });

  it("is answered by the doctor who was shown the card", async () => {
    const answered = await ordered(["creatinine"]);
    await accept(answered);
    expect(kept()[0]).toContain("c-county/1008");
  });

  it("told twice changes nothing; the same card with another answer is a conflict", async () => {
    const answered = await ordered(["creatinine"]);
    await accept(answered);
    open = session(draft("order-creatinine", item("creatinine")));
    expect(state(await accept(answered))).toEqual(["same"]);
    const other = await world.client.override(answered, cardOf(answered), "emergency");
    expect(other?.status).toBe(409);
    expect(kept()).toHaveLength(1);
  });

  it("of a panel adopts every member that stands, and says nothing of the others", async () => {
    const panel = draft("p1", { system: "urn:hutong:c-lis:item", code: "Z002" });
    const answered = await ordered(["creatinine", "urea"], [panel]);
    expect(state(await accept(answered))).toEqual(["recorded"]);
    expect(kept()).toHaveLength(2);
    expect(open.drafts).toHaveLength(1);
  });

  it("on the card of several orders adopts that order alone; the rest may be overridden for one reason", async () => {
    const answered = await ordered(["creatinine", "urea", "urate", "potassium"]);
    const card = cardOf(answered);
    expect(state(await accept(answered, card, 1))).toEqual(["recorded"]);
    const rest = await world.client.override(answered, card, "condition-changed");
    expect([rest?.status, state(rest)]).toEqual([200, ["recorded"]]);
    expect(kept().filter((one) => one.includes("adopted"))).toHaveLength(1);
    expect(kept().filter((one) => one.includes("condition-changed"))).toHaveLength(3);
  });

  it("is refused once the result is no longer the one that was shown", async () => {
    const answered = await ordered(["creatinine"]);
    await world.result({ id: "h-creatinine", value: "99" });
    expect((await accept(answered))?.status).toBe(409);
    expect(kept()).toEqual([]);
  });

  it("that the card never had is unknown", async () => {
    const answered = await ordered(["creatinine", "urea"]);
    const { uuid = "" } = cardOf(answered);
    const of = (id: string) =>
      world.client.feedback("recognition", [{ card: uuid, outcome: "accepted", acceptedSuggestions: [{ id }] }]);
    expect((await of("e56e1945-20b3-4393-8503-a1a20fd73152")).status).toBe(404);
    expect((await of(cardOf(answered, 1).suggestions?.[0]?.uuid ?? "")).status).toBe(404);
    expect(kept()).toEqual([]);
  });
});

describe("a card the doctor overrides", () => {
  it("for one of the lawful reasons is declined for that reason", async () => {
    const answered = await ordered(["creatinine"]);
    const answer = await world.client.override(answered, cardOf(answered), "condition-changed");
    expect([answer?.status, state(answer)]).toEqual([200, ["recorded"]]);
    expect(kept()).toEqual([expect.stringContaining("condition-changed")]);
    expect(open.drafts).toHaveLength(1);
  });

  it("without a reason is taken as incomplete, and can still be given one", async () => {
    const answered = await ordered(["creatinine"]);
    const bare = await world.client.override(answered, cardOf(answered));
    expect([bare?.status, state(bare)]).toEqual([200, ["incomplete"]]);
    expect(kept()).toEqual([]);
    expect(state(await world.client.override(answered, cardOf(answered), "emergency"))).toEqual(["recorded"]);
  });

  it("for a reason the client made up, or with a comment alone, is incomplete too", async () => {
    const answered = await ordered(["creatinine"]);
    const { uuid } = cardOf(answered);
    const own = {
      card: uuid,
      outcome: "overridden",
      overrideReason: { reason: { system: "https://his.example/reasons", code: "emergency" } },
    };
    expect(state(await world.client.feedback("recognition", [own]))).toEqual(["incomplete"]);
    expect(state(await world.client.override(answered, cardOf(answered), undefined, "家属要求"))).toEqual(["incomplete"]);
    expect(kept()).toEqual([]);
  });

  it("for another reason of the doctor's own needs its words", async () => {
    const answered = await ordered(["creatinine"]);
    expect((await world.client.override(answered, cardOf(answered), "other-necessary"))?.status).toBe(400);
    const said = await world.client.override(answered, cardOf(answered), "other-necessary", "术前需同一平台复查");
    expect(state(said)).toEqual(["recorded"]);
    expect(kept()[0]).toContain("术前需同一平台复查");
  });

  it("for a reason that is no refusal (99) is kept as such", async () => {
    const answered = await ordered(["creatinine"]);
    expect(state(await world.client.override(answered, cardOf(answered), "continuous-monitoring"))).toEqual(["recorded"]);
    expect(kept()).toEqual([expect.stringContaining("continuous-monitoring")]);
  });

  it("may say in an extension that the patient was told why", async () => {
    const answered = await ordered(["creatinine"]);
    const { uuid, overrideReasons: [first] = [] } = cardOf(answered);
    const overrideReason = {
      reason: { system: first?.system, code: first?.code },
      extension: { "example.hutong.explained-to-patient": { by: "1009", at: world.deps.now().toISOString() } },
    };
    expect(state(await world.client.feedback("recognition", [{ card: uuid, outcome: "overridden", overrideReason }]))).toEqual([
      "recorded",
    ]);
    expect(kept()[0]).toContain("c-county/1009");
  });

  it("in one call with others is answered entry by entry, and one unknown card loses none of them", async () => {
    const answered = await ordered(["creatinine", "urea"]);
    const answer = await world.client.feedback("recognition", [
      { card: cardOf(answered).uuid, outcome: "overridden" },
      { card: "e56e1945-20b3-4393-8503-a1a20fd73152", outcome: "overridden" },
      { card: cardOf(answered, 1).uuid, outcome: "overridden" },
    ]);
    expect([answer.status, state(answer)]).toEqual([200, ["incomplete", "unknown", "incomplete"]]);
  });
});

describe("the same draft order checked again", () => {
  it("is another card but the same case: the first answer stands", async () => {
    const selected = await ordered(["creatinine"]);
    const again = await signed();
    expect(cardOf(again).uuid).not.toBe(cardOf(selected).uuid);
    expect(state(await world.client.override(selected, cardOf(selected), "emergency"))).toEqual(["recorded"]);
    expect(state(await world.client.override(again, cardOf(again), "emergency"))).toEqual(["same"]);
    expect(kept()).toHaveLength(1);
  });
});

describe("another institution", () => {
  it("can say nothing about a card it was not shown", async () => {
    const answered = await ordered(["creatinine"]);
    const stranger = hookClient(
      {
        ...world.wire,
        token: (address) => cdsToken(address, { at: world.deps.now(), claims: { iss: sharedIssuer, tenant: "town" } }),
      },
      world.fhir,
    );
    expect((await stranger.override(answered, cardOf(answered), "emergency"))?.status).toBe(404);
    expect(kept()).toEqual([]);
  });
});
