import type { AuditEvent, Task } from "@medplum/fhirtypes";
import type { FhirStore } from "../../fhir/store.ts";
import { systems } from "../../fhir/systems.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { chunks } from "../../kernel/chunks.ts";
import { taskKindTokens } from "../../work/task.ts";
import { addressText } from "../chase/find-places.ts";
import { type CheckRecord, recordOf } from "../check/check-record.ts";
import { evidenceIn } from "../outcomes/outcome.ts";
import { readCases } from "../outcomes/read-cases.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { type Notice, type NoticePlace, noticeOf } from "./notice.ts";

/** Where it was shown, in the words of the institution that was shown it: enough to find the patient's record there, and no value. */
export interface PlaceTold extends Omit<NoticePlace, "event" | "change"> {
  readonly at: string;
  readonly practitioner?: string;
  /** Checks only. */
  readonly check?: string;
  readonly visit?: string;
  readonly department?: string;
  readonly orders?: readonly {
    readonly order: string;
    readonly item: string;
    readonly reminder: string;
    /** The result stands in this order's place: it was adopted, and the answer was not taken back. */
    readonly adopted: boolean;
  }[];
  /** Lookups only. */
  readonly lookup?: string;
}

/** A notice as it is read: with its places where the institution itself reads it. */
export interface ToldNotice extends Omit<Notice, "places"> {
  readonly places: readonly PlaceTold[];
}

/** Which notices: an institution's, with their places, or everybody's for the operator, without. */
export interface NoticesWanted {
  readonly institution?: InstitutionCode;
  readonly state: "open" | "acknowledged" | "all";
}

type Store = Pick<FhirStore, "search" | "searchAll" | "readMany">;

/** Newest first; more than this is told as `more`. */
const mostNotices = 50;
const perSearch = 99;
const statuses = { open: "on-hold", acknowledged: "completed", all: "on-hold,completed" };

/** The notices of an institution, or of all, newest first. Throws `Fault("store-down")`. */
export async function listNotices(
  store: Store,
  { institution, state }: NoticesWanted,
): Promise<{ readonly notices: readonly ToldNotice[]; readonly more: boolean }> {
  const page = await store.search(
    "DEFAULT",
    "Task",
    {
      code: taskKindTokens("recognition-notice"),
      status: statuses[state],
      ...(institution === undefined ? {} : { identifier: `${systems.notice}|${institution}` }),
      _sort: "-authored-on",
    },
    mostNotices,
  );
  const notices = page.resources.flatMap((task: Task) => noticeOf(task) ?? []);
  if (institution === undefined) return { notices: notices.map((one) => ({ ...one, places: [] })), more: page.more };
  const events = await readEvents(store, notices);
  const adopted = await adoptions(store, institution, [...events.values()]);
  return {
    notices: notices.map((one) => ({ ...one, places: one.places.flatMap((place) => placeTold(place, events, adopted)) })),
    more: page.more,
  };
}

async function readEvents(store: Store, notices: readonly Notice[]): Promise<ReadonlyMap<string, AuditEvent>> {
  const ids = new Set(notices.flatMap(({ places }) => places.map((place) => place.event)));
  const found = new Map<string, AuditEvent>();
  for (const some of chunks([...ids], perSearch))
    for (const event of await store.readMany("DEFAULT", "AuditEvent", some)) found.set(event.id ?? "", event);
  return found;
}

/** Which result stands adopted in which case now. */
async function adoptions(
  store: Store,
  institution: InstitutionCode,
  events: readonly AuditEvent[],
): Promise<ReadonlyMap<string, string>> {
  const cases = events.flatMap((event) => recordOf(event)?.reminders.map((one) => one.case) ?? []);
  if (cases.length === 0) return new Map();
  const states = await readCases(store, institution, cases);
  return new Map(
    [...states].flatMap(([name, { standing }]) =>
      standing?.code === "adopted" && standing.result !== undefined ? [[name, addressText(standing.result.address)]] : [],
    ),
  );
}

function placeTold(
  place: NoticePlace,
  events: ReadonlyMap<string, AuditEvent>,
  adopted: ReadonlyMap<string, string>,
): PlaceTold[] {
  const event = events.get(place.event);
  if (event === undefined) return [];
  const check = recordOf(event);
  const { evidence, how } = place;
  return [
    withoutUndefined({
      evidence,
      how,
      at: event.recorded,
      practitioner: practitionerIn(event),
      lookup: lookupIn(event),
      ...(check === undefined ? {} : checkFacts(check, evidence, adopted)),
    }),
  ];
}

function checkFacts(check: CheckRecord, evidence: string, adopted: ReadonlyMap<string, string>): Partial<PlaceTold> {
  const address = evidenceIn(evidence)?.address;
  const shown = address === undefined ? "" : addressText(address);
  const standing = check.reminders.filter(({ results }) => results.some((one) => addressText(one.address) === shown));
  return withoutUndefined({
    check: check.id,
    visit: check.visit?.number,
    department: check.department?.name ?? check.department?.code,
    orders: standing.map((one) => ({
      order: one.order,
      item: one.item,
      reminder: one.uuid,
      adopted: adopted.get(one.case) === shown,
    })),
  });
}

function practitionerIn(event: AuditEvent): string | undefined {
  const named = event.agent.find((one) => one.who?.identifier?.system === systems.practitioner)?.who?.identifier?.value;
  return named?.slice(named.indexOf("/") + 1);
}

function lookupIn(event: AuditEvent): string | undefined {
  return event.entity?.flatMap(({ what }) => /^Task\/(h[0-9a-f]{40})/.exec(what?.reference ?? "")?.[1] ?? [])[0];
}
