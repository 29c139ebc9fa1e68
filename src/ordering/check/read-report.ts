import type { DiagnosticReport, ImagingStudy, Observation, Resource } from "@medplum/fhirtypes";
import { type AuditEntity, auditEvent } from "../../audit/audit-event.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { type ResourceAddress, resourceReference } from "../../fhir/reference.ts";
import { isRestricted } from "../../fhir/restricted.ts";
import type { ResourceId, Tenant } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import { examinationsOf } from "../../recognition/imaging-prior.ts";
import { checkAnswer, dateOf } from "../../sources/check-answer.ts";
import { type Named, ownCheck, remindersNamed, resultNamed } from "../outcomes/spoken-cases.ts";
import type { Orderer } from "./check.ts";
import type { CheckDeps } from "./check-deps.ts";
import type { CheckRecord, RecordedResult } from "./check-record.ts";
import { type JudgedCheck, judgeCheck, type PermittedCheck } from "./judge-check.ts";

const dayMs = 86_400_000;
/** A report's own time lies this close to that of its results. */
const reportWithinMs = 14 * dayMs;
const mostResults = 199;
const radiology = "http://terminology.hl7.org/CodeSystem/v2-0074|RAD";

/** A shown result whose report somebody wants to read. */
export interface ReportWanted extends Named {
  readonly asker: Orderer;
  readonly check: string;
  readonly evidence: string;
}

/** The report a result stands in, with everything in it that consent leaves; for an examination its studies. */
export interface ReadReport {
  readonly kind: "read";
  readonly source: Tenant;
  readonly report?: DiagnosticReport;
  readonly results: readonly Observation[];
  readonly studies: readonly ImagingStudy[];
  /** The result that was shown. */
  readonly about: RecordedResult;
}

/** `refused`: consent does not permit it any more. `unavailable`: it lies on a server of the institution's own, which is not read here. */
export type Reading = ReadReport | { readonly kind: "refused" | "unavailable" };

/**
 * Reads the report behind a result that a check showed: a disclosure of its own, so consent and links are asked before it is searched and again before
 * the event that names every resource is committed; only then is it given away. Undefined = this institution was not shown it. Throws `Fault("store-down")`.
 */
export async function readReport(deps: CheckDeps, wanted: ReportWanted): Promise<Reading | undefined> {
  const check = await ownCheck(deps, wanted.asker, wanted.check);
  const about = check === undefined ? undefined : shownResult(check, wanted);
  if (check === undefined || about === undefined) return undefined;
  const source = about.address.tenant;
  if (deps.institutionOf(source)?.endpoint.kind !== "hosted") return { kind: "unavailable" };
  const judged = await judge(deps, check, { wanted, about });
  if (judged.kind === "deny") return await refuse(deps, check, { wanted, reason: judged.reason });
  const found = await search(deps, about);
  const still = await judge(deps, check, { wanted, about });
  if (still.kind === "deny") return await refuse(deps, check, { wanted, reason: still.reason });
  const resources = permitted(found, about, still);
  if (!resources.some((one) => one.id === about.address.id))
    return await refuse(deps, check, { wanted, reason: "not-permitted" });
  await recordAudit(deps.store, [disclosure(deps, check, { wanted, judged: still, resources, source })]);
  const report = resources.find((one) => one.resourceType === "DiagnosticReport");
  return {
    kind: "read",
    source,
    ...(report === undefined ? {} : { report }),
    results: resources.filter((one) => one.resourceType === "Observation"),
    studies: resources.filter((one) => one.resourceType === "ImagingStudy"),
    about,
  };
}

function shownResult(check: CheckRecord, wanted: ReportWanted): RecordedResult | undefined {
  return remindersNamed(check, wanted).flatMap((one) => resultNamed(one, wanted.evidence) ?? [])[0];
}

interface Asked {
  readonly wanted: ReportWanted;
  readonly about: RecordedResult;
}

async function judge(deps: CheckDeps, check: CheckRecord, { wanted, about }: Asked): Promise<JudgedCheck> {
  const { catalogue } = await deps.recognitionData();
  const { resident, visit } = check;
  return await judgeCheck(
    deps,
    { asker: wanted.asker, resident, emergency: check.purpose === "ETREAT", ...(visit === undefined ? {} : { visit }) },
    { kinds: [kindOf(about)], from: new Date(check.at.getTime() - catalogue.head.horizonDays * dayMs) },
  );
}

function kindOf({ address }: RecordedResult): "lab" | "imaging" {
  return address.type === "Observation" ? "lab" : "imaging";
}

/** The result, the report it stands in, and that report's other results; of an examination its study and its report. */
async function search({ store }: CheckDeps, { address }: RecordedResult): Promise<readonly Resource[]> {
  const { tenant, type, id } = address;
  if (type !== "Observation") return await searchExamination(store, address);
  const shown = await store.read(tenant, "Observation", id);
  const report = shown === undefined ? undefined : await reportOf(store, tenant, shown);
  const ids = [...new Set([id, ...(report === undefined ? [] : observationsOf(report))])].slice(0, mostResults).join(",");
  const { resources: results } = await store.search(tenant, "Observation", { _id: ids }, mostResults, { exactDecimals: true });
  return [...(report === undefined ? [] : [report]), ...results];
}

/** No index leads from a result to its report (it would cost every import); the patient's reports of those days do. */
async function reportOf(store: CheckDeps["store"], tenant: Tenant, shown: Observation): Promise<DiagnosticReport | undefined> {
  const at = Date.parse(dateOf(shown) ?? "");
  const patient = shown.subject?.reference;
  if (Number.isNaN(at) || patient === undefined) return undefined;
  const date = [`ge${instant(new Date(at - reportWithinMs))}`, `le${instant(new Date(at + reportWithinMs))}`];
  const { resources } = await store.search(tenant, "DiagnosticReport", { patient, date }, mostResults);
  return resources.find((one) => observationsOf(one).includes(shown.id as ResourceId));
}

/** Report and study name each other in one direction or the other, or by the order: the pairs are made as the decision makes them. */
async function searchExamination(
  store: CheckDeps["store"],
  { tenant, type, id }: ResourceAddress,
): Promise<readonly Resource[]> {
  const shown = await store.read(tenant, type as "ImagingStudy" | "DiagnosticReport", id);
  const patient = shown?.subject?.reference;
  if (shown === undefined || patient === undefined) return [];
  const [reports, studies] = await Promise.all([
    store.search(tenant, "DiagnosticReport", { patient, category: radiology }, mostResults),
    store.search(tenant, "ImagingStudy", { patient }, mostResults),
  ]);
  const one = examinationsOf(reports.resources, studies.resources).find(
    ({ report, study }) => report?.id === id || study?.id === id,
  );
  return [one?.report, one?.study].filter((part) => part !== undefined);
}

function observationsOf({ result }: DiagnosticReport): ResourceId[] {
  const start = "Observation/";
  return (result ?? []).flatMap(({ reference }) =>
    reference?.startsWith(start) === true ? [reference.slice(start.length) as ResourceId] : [],
  );
}

/** Of this resident, still linked, and not restricted; a stranger among them spoils the whole answer. */
function permitted(found: readonly Resource[], about: RecordedResult, judged: PermittedCheck): Resource[] {
  const { tenant } = about.address;
  const owners = judged.patients.filter((one) => one.institution === tenant);
  const { belonging, strangers } = checkAnswer(found, owners);
  if (strangers > 0) return [];
  const category = kindOf(about);
  return (belonging.get(tenant as never) ?? []).filter((resource) => {
    const date = dateOf(resource);
    return (
      owners.some((one) => one.own) ||
      (!isRestricted(resource) &&
        judged.permits({ institution: tenant as never, category, ...(date === undefined ? {} : { date }) }))
    );
  });
}

function disclosure(
  deps: CheckDeps,
  check: CheckRecord,
  shown: { wanted: ReportWanted; judged: PermittedCheck; resources: readonly Resource[]; source: Tenant },
) {
  const consents = shown.judged.basis.map(
    (one): AuditEntity => ({ what: { reference: `Consent/${one.id}/_history/${one.version}` } }),
  );
  const resources = shown.resources.map(({ resourceType, id, meta }): AuditEntity => {
    const address = { tenant: shown.source, type: resourceType, id: id as ResourceId };
    return { what: resourceReference(address as RecordedResult["address"]), detail: { version: meta?.versionId ?? "" } };
  });
  return eventOf(deps, check, { wanted: shown.wanted, outcome: "success", entities: [...consents, ...resources] });
}

async function refuse(
  deps: CheckDeps,
  check: CheckRecord,
  { wanted, reason }: { wanted: ReportWanted; reason: string },
): Promise<Reading> {
  await recordAudit(deps.store, [eventOf(deps, check, { wanted, outcome: "refused", reason, entities: [] })]);
  return { kind: "refused" };
}

function eventOf(
  deps: CheckDeps,
  check: CheckRecord,
  facts: {
    wanted: ReportWanted;
    outcome: "success" | "refused";
    reason?: string;
    entities: readonly AuditEntity[];
  },
) {
  const { wanted, ...rest } = facts;
  return auditEvent({
    ...rest,
    kind: "disclosure",
    id: deps.suite.computeId("DEFAULT", "AuditEvent", "report-read", deps.unique()),
    at: deps.now(),
    agent: wanted.asker,
    resident: check.resident,
    purpose: check.purpose,
  });
}
