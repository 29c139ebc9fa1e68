import { setTimeout as pause } from "node:timers/promises";
import type { AuditEvent, Task } from "@medplum/fhirtypes";
import { type Answer, call } from "../../scripts/client/call.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import type { Person } from "../../scripts/sample/people.ts";
import { systems } from "../../src/fhir/systems.ts";
import { taskKindTokens } from "../../src/work/task.ts";
import type { World } from "../platform.ts";
import { aKey, backMs } from "./engine.ts";

/** What a client was told: which request got which id. Only a 202 counts; everything else it asks again, under the same key. */
export interface Ledger {
  /** Idempotency-Key to id. */
  readonly accepted: ReadonlyMap<string, string>;
  /** Statuses of answers that were not 202, and `0` for a connection that broke. */
  readonly refused: readonly number[];
  /** The longest time any answer took, ms. */
  readonly longestMs: number;
}

/** A client that asks for one resident after another, `atOnce` at a time, until `count` requests are accepted or `stop` says so. */
export async function askLookups(
  world: World,
  people: readonly Person[],
  options: { count?: number; atOnce?: number; institution?: string; stop?: AbortSignal },
): Promise<Ledger> {
  const { count = Number.POSITIVE_INFINITY, atOnce = 8, institution = "c-county", stop } = options;
  const accepted = new Map<string, string>();
  const refused: number[] = [];
  let longestMs = 0;
  let next = 0;
  // Fetched once: the client has its token, whatever is down afterwards.
  const token = await world.signIn.client(institution, "lookups");
  const ask = async (person: Person, key: string): Promise<void> => {
    for (;;) {
      const began = performance.now();
      const answer = await askOnce(world, { token, person, key });
      longestMs = Math.max(longestMs, performance.now() - began);
      if (answer.status === 202) return void accepted.set(key, answer.body.id);
      refused.push(answer.status);
      await pause(300);
    }
  };
  const client = async () => {
    while (next < count && stop?.aborted !== true) {
      const person = people[next++ % people.length] as Person;
      await ask(person, aKey());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return { accepted, refused, longestMs };
}

/** One request for a resident's laboratory results; status 0 when the connection broke. */
export function askOnce(
  world: Pick<World, "platform">,
  of: { token: string; person: Person; key?: string },
): Promise<Answer<{ id: string }>> {
  return call<{ id: string }>(world.platform, {
    method: "POST",
    path: "/lookups",
    token: of.token,
    headers: { "Idempotency-Key": of.key ?? aKey() },
    json: {
      resident: { identityNumber: of.person.number },
      categories: ["lab"],
      visit: { number: "V1", department: "内科", kind: "outpatient", start: "2026-01-01T08:00:00+08:00" },
      purpose: "TREAT",
    },
  }).catch(() => ({ status: 0, headers: new Headers(), body: { id: "" }, ms: 0 }));
}

/** What the store holds about each of these lookups: its status, and how often it was accepted and run. */
export interface Fact {
  readonly status: string;
  readonly accepted: number;
  readonly ran: number;
  /** Versions of its events: an event that is written twice would have two. */
  readonly rewritten: boolean;
}

/** Reads the facts back from HAPI. */
export async function factsOf(world: World, ids: readonly string[]): Promise<Map<string, Fact>> {
  const tasks = new Map((await world.store.readMany("DEFAULT", "Task", ids)).map((task) => [task.id, task]));
  const events = await world.store.searchAll("DEFAULT", "AuditEvent", {
    subtype: ["lookup-accepted", "lookup-run"].map((kind) => `${systems.auditKind}|${kind}`).join(","),
    _elements: "subtype,entity,meta",
  });
  const byTask = Map.groupBy(events, taskOf);
  return new Map(
    ids.map((id) => {
      const mine = byTask.get(id) ?? [];
      const count = (kind: string) => mine.filter((event) => event.subtype?.[0]?.code === kind).length;
      return [
        id,
        {
          status: tasks.get(id)?.status ?? "missing",
          accepted: count("lookup-accepted"),
          ran: count("lookup-run"),
          rewritten: mine.some((event) => event.meta?.versionId !== "1"),
        },
      ];
    }),
  );
}

/** The facts of a lookup that was accepted once and run once. */
export const doneOnce: Fact = { status: "completed", accepted: 1, ran: 1, rewritten: false };

/** Waits until no Task of machine work is open any more, at most as long as anything may take to be back; how long it took, ms. */
export async function allWorkDone(world: World, timeoutMs = backMs): Promise<number> {
  const began = Date.now();
  await waitFor(
    "no open work",
    () => openTasks(world),
    (open) => open.length === 0,
    { timeoutMs, everyMs: 200 },
  );
  return Date.now() - began;
}

/** Tasks that are requested or in progress. */
export function openTasks(world: World): Promise<Task[]> {
  return world.store.searchAll("DEFAULT", "Task", {
    code: taskKindTokens("ingest", "lookup"),
    status: "requested,in-progress",
    _elements: "id,status",
  });
}

/** The same facts for every id of a ledger, in few words when one differs. */
export async function differing(world: World, ids: Iterable<string>): Promise<[string, Fact][]> {
  const facts = await factsOf(world, [...ids]);
  return [...facts].filter(([, fact]) => JSON.stringify(fact) !== JSON.stringify(doneOnce));
}

function taskOf(event: AuditEvent): string {
  return event.entity?.flatMap((one) => /^Task\/(h[0-9a-f]{40})/.exec(one.what?.reference ?? "")?.[1] ?? [])[0] ?? "";
}
