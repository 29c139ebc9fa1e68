import type { Task } from "@medplum/fhirtypes";
import { addressOf, institutionReference, type ResourceAddress, resourceReference } from "../../fhir/reference.ts";
import { systems } from "../../fhir/systems.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import { inputText, inputTexts, outputText, taskCode, taskKindOf, textField } from "../../work/task.ts";
import { withoutUndefined } from "../without-undefined.ts";

/** Why an institution is told. The last two are about results of its own, or of laboratories it watches over. */
export const noticeKinds = [
  "amended",
  "voided",
  "certificate-withdrawn",
  "link-corrected",
  "fault-reported",
  "mark-unsupported",
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** One place where the institution was shown something: the AuditEvent that told it, and what was shown. */
export interface NoticePlace {
  /** Id of the AuditEvent: for a check also the check's own id. */
  readonly event: string;
  /** `<institution>/<Type>/<id>/_history/<version>` as it was shown. */
  readonly evidence: string;
  /** Which change it is: what is shown and changed twice is told twice. */
  readonly change: string;
  readonly how: "amended" | "voided" | "certificate-withdrawn" | "link-corrected";
}

/** What happened, without any person: codes for the quality centre, the DetectedIssue that reports a fault. */
export interface NoticeDetail {
  readonly laboratory?: string;
  readonly item?: string;
  readonly state?: string;
  readonly issue?: ResourceAddress;
}

/** One notice in an institution's list. It is there until somebody there takes note of it. */
export interface Notice {
  readonly id: string;
  readonly institution: InstitutionCode;
  readonly kind: NoticeKind;
  /** The report, result, certificate or record it is about. */
  readonly about: ResourceAddress;
  readonly at: string;
  readonly places: readonly NoticePlace[];
  readonly detail: NoticeDetail;
  readonly state: "open" | "acknowledged";
  /** How often it was told by callback, or would have been. */
  readonly told: number;
  readonly toldAt: string;
  /** Since when it is the operator's too: nobody took note in time. */
  readonly escalatedAt?: string;
  readonly acknowledged?: { readonly at: string; readonly client: string; readonly practitioner?: string };
}

/** A notice as a Task that waits for a person. Names the result and the events, never a resident. */
export function noticeTask(
  notice: Pick<Notice, "id" | "institution" | "kind" | "about" | "places" | "detail">,
  at: Date,
): Task {
  const { id, institution, kind, about, places, detail } = notice;
  return {
    resourceType: "Task",
    id,
    identifier: [{ system: systems.notice, value: institution }],
    status: "on-hold",
    intent: "order",
    code: taskCode("recognition-notice"),
    focus: resourceReference(about),
    authoredOn: instant(at),
    lastModified: instant(at),
    owner: institutionReference(institution),
    input: [
      textField("kind", kind),
      ...(Object.keys(detail).length === 0 ? [] : [textField("detail", JSON.stringify(detail))]),
      ...places.map(({ event, evidence, change, how }) => textField("place", JSON.stringify({ event, evidence, change, how }))),
    ],
    output: [textField("told", "1"), textField("toldAt", instant(at))],
  };
}

/** The notice a Task is; undefined for any other Task. */
export function noticeOf(task: Task): Notice | undefined {
  const about = addressOf(task.focus);
  const institution = task.owner?.identifier?.value as InstitutionCode | undefined;
  const kind = noticeKinds.find((one) => one === inputText(task, "kind"));
  if (taskKindOf(task) !== "recognition-notice" || about === undefined || institution === undefined || kind === undefined)
    return undefined;
  const acknowledgedAt = outputText(task, "acknowledgedAt");
  return withoutUndefined({
    id: task.id ?? "",
    institution,
    kind,
    about,
    at: task.authoredOn ?? "",
    places: inputTexts(task, "place").map((text) => JSON.parse(text) as NoticePlace),
    detail: JSON.parse(inputText(task, "detail") ?? "{}") as NoticeDetail,
    state: task.status === "on-hold" ? ("open" as const) : ("acknowledged" as const),
    told: Number(outputText(task, "told") ?? 0),
    toldAt: outputText(task, "toldAt") ?? task.authoredOn ?? "",
    escalatedAt: outputText(task, "escalatedAt"),
    acknowledged:
      acknowledgedAt === undefined
        ? undefined
        : withoutUndefined({
            at: acknowledgedAt,
            client: outputText(task, "acknowledgedBy") ?? "",
            practitioner: outputText(task, "practitioner"),
          }),
  });
}
