import { expectStatus } from "../../scripts/client/call.ts";
import { postExport } from "../../scripts/client/deliver-export.ts";
import { labExportOfA } from "../../scripts/sample/fresh.ts";
import { itemByKey } from "../../scripts/sample/items.ts";
import type { Person } from "../../scripts/sample/people.ts";
import { dayMs, later, minuteMs } from "../../scripts/sample/time.ts";
import type { World } from "../platform.ts";
import { aVisit, grant } from "./people.ts";

/** A notice as its institution reads it. */
export interface ReadNotice {
  readonly id: string;
  readonly kind: string;
  readonly about: string;
  readonly places: readonly { readonly check?: string; readonly evidence: string }[];
}

/** The open notices of an institution that name this check. */
export async function noticesOf(world: World, institution: string, check: string): Promise<ReadNotice[]> {
  const list = world.as<{ notices: ReadNotice[] }>(institution, "recognitions", { method: "GET", path: "/notices" });
  const { notices } = await expectStatus(list, 200);
  return notices.filter((one) => one.places.some((place) => place.check === check));
}

/** A resident's creatinine at A that another institution was shown and adopted. */
export interface Chase {
  readonly reportNumber: string;
  readonly check: string;
  readonly visit: string;
  /** A issues the report again, reviewed so many minutes after the first issue, and it is worked through. */
  issue(value: string, minutes: number, state?: "corrected" | "retracted"): Promise<unknown>;
  /** The same, only delivered. */
  send(value: string, minutes: number): Promise<unknown>;
  /** How the adoption stands. */
  state(): Promise<string | undefined>;
}

/** Brings one about. */
export async function aChase(world: World, person: Person, institution: string): Promise<Chase> {
  const at = later(new Date(), -3 * dayMs);
  const reportNumber = String(Math.floor(1e8 * (1 + Math.random())));
  const made = (value: string, minutes: number, state: "final" | "corrected" | "retracted" = "final") =>
    labExportOfA(person, [{ item: "CREA", value }], at, {
      reportNumber,
      state,
      reviewedAt: later(at, (130 + minutes) * minuteMs),
    });
  await world.deliver(made("86", 0));
  await expectStatus(grant(world, person, institution), 201);
  const visit = aVisit();
  const asked = world.as<{ id: string; results: { lines: { evidence: string; recognition: string }[] }[] }>(
    institution,
    "recognitions",
    {
      method: "POST",
      path: "/recognitions/check",
      json: {
        resident: { identityNumber: person.number },
        visit,
        orders: [{ id: "o1", code: { system: "http://loinc.org", code: itemByKey("CREA").loinc } }],
      },
    },
  );
  const answer = await expectStatus(asked, 200);
  const evidence = answer.results[0]?.lines[0]?.evidence;
  const adopted = world.as<{ answers: { state: string }[] }>(institution, "recognitions", {
    method: "POST",
    path: `/recognitions/${answer.id}/outcome`,
    json: { outcomes: [{ order: "o1", outcome: "adopted", evidence }] },
  });
  const { answers } = await expectStatus(adopted, 200);
  if (answers[0]?.state !== "recorded") throw new Error(`not adopted: ${answers[0]?.state}`);
  return {
    reportNumber,
    check: answer.id,
    visit: visit.number,
    issue: (value, minutes, state) => world.deliver(made(value, minutes, state)),
    async send(value, minutes) {
      const token = await world.signIn.client("a-his", "exports");
      return await expectStatus(postExport(world.platform, token, made(value, minutes)), 202);
    },
    async state() {
      const state = world.as<{ results: { state: string }[] }>(institution, "recognitions", {
        method: "GET",
        path: `/recognitions/${answer.id}`,
      });
      return (await expectStatus(state, 200)).results[0]?.state;
    },
  };
}
