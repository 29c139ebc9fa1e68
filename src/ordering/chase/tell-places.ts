import type { AuditEvent } from "@medplum/fhirtypes";
import { recordAudit } from "../../audit/record-audit.ts";
import type { ResourceAddress } from "../../fhir/reference.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { evidenceOf } from "../../recognition/prior.ts";
import { type CheckRecord, type RecordedReminder, recordOf } from "../check/check-record.ts";
import type { NoticeKind, NoticePlace } from "../notices/notice.ts";
import { openNotice } from "../notices/open-notice.ts";
import { factEvent } from "../outcomes/fact-event.ts";
import { readCases } from "../outcomes/read-cases.ts";
import type { ReadIssue } from "../outcomes/read-issue.ts";
import type { ChaseDeps } from "./chase-deps.ts";
import { addressText, type ShownPlace } from "./find-places.ts";

/** A place that is to be told: what was shown there changed, and which change it was. */
export interface ChangedPlace extends ShownPlace {
  readonly change: string;
  readonly how: NoticePlace["how"];
}

/** Places that changed together, and what their notices are about. */
export interface Telling {
  readonly about: ResourceAddress;
  readonly kind: NoticeKind;
  readonly places: readonly ChangedPlace[];
}

/**
 * Tells every institution that was shown something: a fact for each case it stands in, by which adopted evidence is superseded, and one notice. All of it computed from the change and the
 * event, so that telling again tells nothing twice. Throws `Fault("store-down")`.
 */
export async function tellPlaces(deps: ChaseDeps, { about, kind, places }: Telling): Promise<void> {
  for (const [institution, own] of Map.groupBy(places, (place) => place.institution)) {
    const facts = await factsOf(deps, institution, own);
    if (facts.length > 0) await recordAudit(deps.store, facts);
    await openNotice(deps, {
      institution,
      kind,
      about,
      places: own.map(({ event, change, how, resident, ...shown }) => ({
        event: event.id ?? "",
        evidence: evidenceOf(shown),
        change,
        how,
        resident,
      })),
    });
  }
}

interface InCase {
  readonly place: ChangedPlace;
  readonly check: CheckRecord;
  readonly reminder: RecordedReminder;
}

/** A fact per case and change; an adoption found only later gets one of its own, told after it. */
async function factsOf(deps: ChaseDeps, institution: InstitutionCode, places: readonly ChangedPlace[]): Promise<AuditEvent[]> {
  const cases = places.flatMap(casesOf);
  if (cases.length === 0) return [];
  const states = await readCases(
    deps.store,
    institution,
    cases.map(({ reminder }) => reminder.case),
  );
  const facts = cases.map((one) => factOf(deps, one, states.get(one.reminder.case)?.standing));
  return [...new Map(facts.map((fact) => [fact.id, fact])).values()];
}

function casesOf(place: ChangedPlace): InCase[] {
  const check = recordOf(place.event);
  if (check === undefined) return [];
  const shown = addressText(place.address);
  const reminders = check.reminders.filter(({ results }) => results.some((one) => addressText(one.address) === shown));
  return reminders.map((reminder) => ({ place, check, reminder }));
}

function factOf(deps: ChaseDeps, { place, check, reminder }: InCase, standing: ReadIssue | undefined): AuditEvent {
  const { address, version, change, how } = place;
  const shown = addressText(address);
  const adopted =
    standing?.code === "adopted" && standing.result !== undefined && addressText(standing.result.address) === shown;
  const result = reminder.results.find((one) => addressText(one.address) === shown);
  const now = deps.now();
  return factEvent({
    id: deps.suite.computeId(
      "DEFAULT",
      "AuditEvent",
      "recognition-amended",
      reminder.case,
      shown,
      change,
      adopted ? standing.id : "",
    ),
    kind: "recognition-amended",
    // Clocks of two machines differ: what supersedes an answer is never told before it.
    at: adopted && standing.at > now ? standing.at : now,
    agent: { client: "hutong" },
    check,
    reminder,
    result: { address, version },
    detail: {
      change: how,
      recognition: result?.recognition,
      laboratory: result?.laboratory,
      ...(adopted ? { superseded: "true" } : {}),
    },
  });
}
