import type { AuditEvent } from "@medplum/fhirtypes";
import type { FhirStore } from "../../fhir/store.ts";
import { systems } from "../../fhir/systems.ts";
import type { InstitutionCode, ResidentId } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import type { Setting } from "../../recognition/policy-schema.ts";
import { type CheckRecord, type RecordedReminder, recordOf } from "../check/check-record.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { factEventKinds, factIn } from "./fact-event.ts";

/** What may be known of a case of recognition (recognition.md §8): each is told once, none is ever edited. */
export type FactKind =
  | "reminder"
  | "adopted"
  | "declined"
  | "incomplete"
  | "explained"
  | "referenced"
  | "viewed"
  | "revoked"
  | "appealed"
  | "fault-reported"
  | "amended";

/** How many results of other institutions were shown with which decision, how many of the ordering institution, how many sources were silent, and whose results they were. */
export interface Shown {
  readonly must: number;
  readonly may: number;
  readonly ineligible: number;
  readonly own: number;
  readonly unknown: number;
  readonly sources: readonly {
    readonly source: InstitutionCode;
    readonly laboratory?: InstitutionCode;
    readonly recognition: "must" | "may" | "ineligible";
  }[];
}

/** One fact. Ids, codes and times; `resident` is for counting people (人次) and is never shown. */
export interface RecognitionFact {
  /** The same whenever it is read; on a reminder it is the case. */
  readonly id: string;
  readonly kind: FactKind;
  /** A reminder's is that of the first check of its case. */
  readonly at: Date;
  /** One order of one item on one day, however often it was checked. */
  readonly case: string;
  readonly check?: string;
  readonly order?: string;
  readonly item: string;
  readonly panel?: string;
  /** The ordering institution. */
  readonly institution: InstitutionCode;
  /** 诊疗科目. */
  readonly department?: { readonly code: string; readonly name?: string };
  readonly practitioner?: string;
  readonly setting: Setting;
  readonly emergency: boolean;
  readonly policy?: string;
  /** Whose result it is about: the one adopted, referenced, viewed, reported; of a refusal the first that must, else may be recognised. */
  readonly source?: InstitutionCode;
  readonly laboratory?: InstitutionCode;
  /** What the catalogue said of that result. */
  readonly recognition?: "must" | "may" | "ineligible";
  /** Reminders: what was shown, over all checks of the case. */
  readonly shown?: Shown;
  /** Code of `declineReasons`. */
  readonly reason?: string;
  /** Declined: false for the reasons that are neither recognition nor refusal (98, 99). */
  readonly counts?: boolean;
  /** Declined: whether the answer says that the patient was told why; where it does not, a fact `explained` may follow. */
  readonly explained?: boolean;
  /** Adopted: price of the item at the ordering institution on that day, in 分; undefined when the price list has none. */
  readonly fen?: number;
  /** Answers and what happens to them: which answer of the case, from 0; after a revocation the next counts on. */
  readonly ordinal?: number;
  /** Revoked: what was taken back. */
  readonly revokes?: "adopted" | "declined";
  readonly resident: ResidentId;
}

/** Which facts: those told from `from` until before `until`; of one ordering institution, absent = of all. */
export interface FactsWanted {
  readonly from: Date;
  readonly until: Date;
  readonly institution?: InstitutionCode;
}

/** So much time is read at once: facts of one day are put together, events of one hour are in memory. */
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Every fact of a period from the AuditEvents that tell them, day by day from `from` on; a reminder once per case, however often it was checked (a case never
 * outlasts a day of the region, so begin at its midnight). The same period read again gives the same facts. Throws `Fault("store-down")`.
 */
export async function* readFacts(store: Pick<FhirStore, "searchAll">, wanted: FactsWanted): AsyncGenerator<RecognitionFact> {
  const end = wanted.until.getTime();
  for (let day = wanted.from.getTime(); day < end; day += dayMs) {
    const until = Math.min(day + dayMs, end);
    // One institution's day is small; of the whole region an hour is in memory at once.
    const step = wanted.institution === undefined ? hourMs : dayMs;
    const reminders = new Map<string, RecognitionFact>();
    const facts: RecognitionFact[] = [];
    for (let at = day; at < until; at += step) {
      for (const event of await eventsOf(store, wanted, [new Date(at), new Date(Math.min(at + step, until))])) {
        for (const one of remindersIn(event)) reminders.set(one.case, together(reminders.get(one.case), one));
        const fact = factOf(event);
        if (fact !== undefined) facts.push(fact);
      }
    }
    yield* reminders.values();
    yield* facts;
  }
}

async function eventsOf(
  store: Pick<FhirStore, "searchAll">,
  { institution }: FactsWanted,
  [from, until]: [Date, Date],
): Promise<AuditEvent[]> {
  const tokens = (kinds: readonly string[]) => kinds.map((kind) => `${systems.auditKind}|${kind}`).join(",");
  const within = { date: [`ge${instant(from)}`, `lt${instant(until)}`], _sort: "date" };
  const all = { ...within, subtype: tokens(["recognition-check", ...factEventKinds]) };
  if (institution === undefined) return await store.searchAll("DEFAULT", "AuditEvent", all);
  const who = { "hutong-who": `${systems.institution}|${institution}` };
  const [acted, amended] = await Promise.all([
    store.searchAll("DEFAULT", "AuditEvent", { ...all, ...who }),
    // Told by the hub, not by the institution.
    store.searchAll("DEFAULT", "AuditEvent", { ...within, subtype: tokens(["recognition-amended"]) }),
  ]);
  const about = amended.filter((event) => factIn(event)?.detail.institution === institution);
  return [...new Map([...acted, ...about].map((event) => [event.id, event])).values()];
}

/** The fact an event tells; undefined for a check, whose reminders are told apart. */
export function factOf(event: AuditEvent): RecognitionFact | undefined {
  const told = factIn(event);
  if (told === undefined) return undefined;
  const { detail, result } = told;
  return withoutUndefined({
    id: told.id,
    kind:
      told.kind === "recognition-answered" ? (detail.outcome as FactKind) : (told.kind.replace("recognition-", "") as FactKind),
    at: told.at,
    case: told.case,
    check: detail.check,
    order: detail.order,
    item: detail.item ?? "",
    panel: detail.panel,
    institution: detail.institution as InstitutionCode,
    department: departmentOf(detail.department, detail.departmentName),
    practitioner: told.practitioner,
    setting: (detail.setting ?? "outpatient") as Setting,
    emergency: detail.emergency === "true",
    policy: detail.policy,
    source: result?.address.tenant as InstitutionCode | undefined,
    laboratory: detail.laboratory as InstitutionCode | undefined,
    recognition: detail.recognition as RecognitionFact["recognition"],
    reason: detail.reason,
    counts: detail.counts === undefined ? undefined : detail.counts === "true",
    explained: detail.explained === undefined ? undefined : detail.explained === "true",
    fen: detail.fen === undefined ? undefined : Number(detail.fen),
    ordinal: detail.ordinal === undefined ? undefined : Number(detail.ordinal),
    revokes: detail.revokes as RecognitionFact["revokes"],
    resident: told.resident,
  });
}

function remindersIn(event: AuditEvent): RecognitionFact[] {
  const check = recordOf(event);
  return check === undefined ? [] : check.reminders.map((reminder) => reminderFact(check, reminder));
}

function reminderFact(check: CheckRecord, reminder: RecordedReminder): RecognitionFact {
  const count = (recognition: string) => reminder.results.filter((one) => one.recognition === recognition).length;
  return withoutUndefined({
    id: reminder.case,
    kind: "reminder" as const,
    at: check.at,
    case: reminder.case,
    check: check.id,
    order: reminder.order,
    item: reminder.item,
    panel: reminder.panel,
    institution: check.institution,
    department: check.department,
    practitioner: check.practitioner?.id,
    setting: check.setting,
    emergency: check.emergency,
    policy: check.policy,
    shown: {
      must: count("must"),
      may: count("may"),
      ineligible: count("ineligible"),
      own: reminder.own,
      unknown: reminder.unknown.length,
      sources: reminder.results.map(({ address, laboratory, recognition }) => ({
        source: address.tenant as InstitutionCode,
        ...(laboratory === undefined ? {} : { laboratory: laboratory as InstitutionCode }),
        recognition,
      })),
    },
    resident: check.resident,
  });
}

/** Two checks of one case: told by the first, with the most that any of them showed. */
function together(one: RecognitionFact | undefined, other: RecognitionFact): RecognitionFact {
  if (one?.shown === undefined || other.shown === undefined) return other;
  const first = one.at <= other.at ? one : other;
  const weight = ({ must, may, ineligible }: Shown) => must * 1e6 + may * 1e3 + ineligible;
  return { ...first, shown: weight(other.shown) > weight(one.shown) ? other.shown : one.shown };
}

function departmentOf(code: string | undefined, name: string | undefined): RecognitionFact["department"] {
  return code === undefined ? undefined : { code, ...(name === undefined ? {} : { name }) };
}
