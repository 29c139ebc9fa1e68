import type { AuditEvent, Task } from "@medplum/fhirtypes";
import { auditEvent } from "../../audit/audit-event.ts";
import { institutionReference, type ResourceAddress, resourceReference } from "../../fhir/reference.ts";
import type { FhirStore } from "../../fhir/store.ts";
import type { InstitutionCode, ResidentId, ResourceId } from "../../kernel/brand.ts";
import type { Now } from "../../kernel/clock.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import { priorities, type Scheduler } from "../../work/scheduler.ts";
import { callbackTask } from "../callbacks/callback.ts";
import { evidenceIn } from "../outcomes/outcome.ts";
import { type NoticeDetail, type NoticeKind, type NoticePlace, noticeOf, noticeTask } from "./notice.ts";

/** What telling an institution needs. */
export interface NoticeDeps {
  readonly store: Pick<FhirStore, "read" | "commit">;
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly scheduler: Scheduler;
  readonly now: Now;
  /** Whether an institution has an address at which it is called. */
  readonly hasCallback: (institution: InstitutionCode) => boolean;
}

/** A place with the resident it concerned, for that resident's access log; no notice holds it. */
export type ToldPlace = NoticePlace & { readonly resident: ResidentId };

/** What an institution is to be told. */
export interface NoticeToOpen {
  readonly institution: InstitutionCode;
  readonly kind: NoticeKind;
  readonly about: ResourceAddress;
  /** What makes notices one row: places already told under it are not told again. Absent = the thing it is about. */
  readonly key?: string;
  readonly places?: readonly ToldPlace[];
  readonly detail?: NoticeDetail;
}

/** So many places stand in one notice; more make another. */
const mostPlaces = 100;

/**
 * Puts a notice into an institution's list, with the call that tells it and a line in each resident's access log, all in one transaction. Places told before are left out, and without a new
 * one nothing happens: so it may be repeated, and two may do it at once. Throws `Fault("store-down")`.
 */
export async function openNotice(deps: NoticeDeps, wanted: NoticeToOpen): Promise<void> {
  const { about, key = `${about.tenant}/${about.type}/${about.id}` } = wanted;
  let left = [...new Map((wanted.places ?? []).map((place) => [keyOf(place), place])).values()];
  for (let ordinal = 0; ; ordinal++) {
    const id = deps.suite.computeId("DEFAULT", "Task", "recognition-notice", wanted.institution, key, String(ordinal));
    const stored =
      (await deps.store.read("DEFAULT", "Task", id)) ?? (await created(deps, wanted, id, left.slice(0, mostPlaces)));
    const told = new Set((noticeOf(stored)?.places ?? []).map(keyOf));
    left = left.filter((place) => !told.has(keyOf(place)));
    if (left.length === 0) return;
  }
}

const keyOf = ({ event, evidence, change }: NoticePlace): string => `${event} ${evidence} ${change}`;

/** The notice under this id: made now, or by somebody else meanwhile. */
async function created(deps: NoticeDeps, wanted: NoticeToOpen, id: string, places: readonly ToldPlace[]): Promise<Task> {
  const { institution, about, detail = {} } = wanted;
  const at = deps.now();
  const task = noticeTask({ id, institution, kind: wanted.kind, about, places, detail }, at);
  const call = deps.hasCallback(institution)
    ? [callbackTask(deps.suite, { institution, type: "notice", about: id, ordinal: 0 }, at)]
    : [];
  const audit = [...Map.groupBy(places, (place) => place.resident)].map(([resident, own]) =>
    openedEvent(deps, { institution, id, resident, places: own, kind: wanted.kind }),
  );
  const writes = [task, ...call, ...audit].map((resource) => ({ kind: "put", resource }) as const);
  const outcome = await deps.store.commit("DEFAULT", writes, { createOnly: true });
  if (outcome.kind === "conflict") return (await deps.store.read("DEFAULT", "Task", id)) ?? task;
  for (const one of call) await deps.scheduler.schedule("callback", one.id ?? "", priorities.clinic);
  return task;
}

interface Opened {
  readonly institution: InstitutionCode;
  readonly id: string;
  readonly resident: ResidentId;
  readonly places: readonly ToldPlace[];
  readonly kind: NoticeKind;
}

/** The resident reads in the access log who was told that what it saw of theirs does not stand any more. */
function openedEvent({ suite, now }: NoticeDeps, { institution, id, resident, places, kind }: Opened): AuditEvent {
  const shown = places.flatMap(({ evidence }) => {
    const one = evidenceIn(evidence);
    return one === undefined ? [] : [{ what: resourceReference(one.address), detail: { version: one.version } }];
  });
  return auditEvent({
    id: suite.computeId("DEFAULT", "AuditEvent", "notice-opened", id, resident),
    kind: "notice-opened",
    at: now(),
    outcome: "success",
    agent: { client: "hutong" },
    resident,
    reason: kind,
    entities: [
      { what: resourceReference({ tenant: "DEFAULT", type: "Task", id: id as ResourceId }) },
      { what: institutionReference(institution) },
      ...shown,
    ],
  });
}
