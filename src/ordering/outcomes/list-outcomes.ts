import type { AuditEvent, Bundle, DetectedIssue } from "@medplum/fhirtypes";
import { type AuditAgent, auditEvent } from "../../audit/audit-event.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { addressOf } from "../../fhir/reference.ts";
import { systems } from "../../fhir/systems.ts";
import type { Tenant } from "../../kernel/brand.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Orderer } from "../check/check.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import { isAnswer } from "./read-cases.ts";
import { type ReadIssue, readIssue } from "./read-issue.ts";
import { isSuperseded, readCaseFacts } from "./read-outcome.ts";

const pageSize = 199;

type ListDeps = Pick<CheckDeps, "store" | "suite" | "now" | "unique">;

/**
 * What an institution has in its own partition about the cases of one visit, for its record (第十九条): the DetectedIssues as they are stored, digit for digit, but for the resident's
 * id, which goes to nobody. An answer that was taken back is told as `cancelled`, one whose result was changed since as `amended`. Audited as read.
 */
export async function listOutcomes(
  deps: ListDeps,
  { asker, visit }: { readonly asker: Orderer; readonly visit: string },
): Promise<Bundle> {
  const { institution } = asker;
  const params = { identifier: `${systems.visit}|${institution}/${visit}` };
  const page = await deps.store.search(institution, "DetectedIssue", params, pageSize, { exactDecimals: true });
  // A visit with more answers than that has been filled by a program gone wrong: better none than some.
  if (page.more)
    throw new Fault("not-usable", { problems: [{ field: "visit", reason: "has more answers than one list can hold" }] });
  const issues = page.resources.flatMap((resource) => {
    const read = readIssue(resource);
    return read === undefined ? [] : [{ resource, read }];
  });
  const answers = issues.filter(({ read }) => isAnswer(read));
  const revoked = new Set(issues.flatMap(({ read }) => (read.code === "revoked" ? [read.about] : [])));
  const facts = await readCaseFacts(deps.store, [...new Set(answers.map(({ read }) => read.case))]);
  await recordAudit(deps.store, [readEvent(deps, asker)]);
  // R4 binds the status to observation-status (4.0.1, DetectedIssue.status); the library's type knows only some of it.
  const statusOf = (read: ReadIssue) => {
    if (revoked.has(read.id)) return "cancelled" as DetectedIssue["status"];
    const superseded = read.code === "adopted" && isSuperseded(read, facts.get(read.case) ?? []);
    return (superseded ? "amended" : "final") as DetectedIssue["status"];
  };
  return {
    resourceType: "Bundle",
    type: "searchset",
    total: issues.length,
    entry: issues.map(({ resource: { patient: _, meta: _meta, ...resource }, read }) => ({
      resource: { ...resource, status: statusOf(read) },
      search: { mode: "match" },
    })),
  };
}

/**
 * The faults that others reported of an institution's results, newest first, as they stand in its own partition; without the resident's id, since the source
 * knows its own patient by the result. Audited as read.
 */
export async function listReportedFaults(deps: ListDeps, { asker }: { readonly asker: Orderer }): Promise<Bundle> {
  const params = { code: `${systems.recognitionOutcome}|fault-reported`, _sort: "-identified" };
  const { resources, more } = await deps.store.search(asker.institution, "DetectedIssue", params, pageSize);
  await recordAudit(deps.store, [readEvent(deps, asker)]);
  const entry = resources.map(({ patient: _, meta: _meta, ...resource }) => ({ resource, search: { mode: "match" as const } }));
  // Without a total there are more: the oldest have long been read.
  return { resourceType: "Bundle", type: "searchset", ...(more ? {} : { total: entry.length }), entry };
}

/**
 * The newest appeals (申诉) of all institutions with the answers they are about (mode `include`), for the operator who reviews them; without the residents' ids. Audited as read.
 */
export async function listAppeals(deps: ListDeps, { operator }: { readonly operator: string }): Promise<Bundle> {
  const told = { subtype: `${systems.auditKind}|recognition-appealed`, _sort: "-date" };
  const { resources: events, more } = await deps.store.search("DEFAULT", "AuditEvent", told, pageSize);
  const appeals = await readIssues(
    deps,
    events.flatMap((event) => issueIn(event) ?? []),
  );
  const answers = await readIssues(
    deps,
    appeals.flatMap(({ tenant, resource }) => {
      const about = readIssue(resource)?.about;
      return about === undefined ? [] : [{ tenant, id: about }];
    }),
  );
  await recordAudit(deps.store, [readEvent(deps, { client: operator })]);
  const entriesOf = (some: readonly Placed[], mode: "match" | "include") =>
    some.map(({ resource: { patient: _, meta: _meta, ...resource } }) => ({ resource, search: { mode } }));
  return {
    resourceType: "Bundle",
    type: "searchset",
    ...(more ? {} : { total: appeals.length }),
    entry: [...entriesOf(appeals, "match"), ...entriesOf(answers, "include")],
  };
}

interface Placed {
  readonly tenant: Tenant;
  readonly resource: DetectedIssue;
}

/** The DetectedIssue that an event tells of. */
function issueIn(event: AuditEvent): { tenant: Tenant; id: string } | undefined {
  return (event.entity ?? []).flatMap((entity) => addressOf(entity.what) ?? []).find(({ type }) => type === "DetectedIssue");
}

/** In the order asked for; what is not there is left out. */
async function readIssues(
  { store }: ListDeps,
  wanted: readonly { readonly tenant: Tenant; readonly id: string }[],
): Promise<Placed[]> {
  const parts = await Promise.all(
    [...Map.groupBy(wanted, (one) => one.tenant)].map(async ([tenant, some]) => {
      const read = await store.readMany(tenant, "DetectedIssue", [...new Set(some.map((one) => one.id))]);
      return read.map((resource) => [`${tenant}/${resource.id}`, { tenant, resource }] as const);
    }),
  );
  const found = new Map<string, Placed>(parts.flat());
  return [...new Set(wanted.map(({ tenant, id }) => `${tenant}/${id}`))].flatMap((key) => found.get(key) ?? []);
}

function readEvent({ suite, now, unique }: ListDeps, asker: AuditAgent): AuditEvent {
  return auditEvent({
    id: suite.computeId("DEFAULT", "AuditEvent", "recognition-outcomes-read", unique()),
    kind: "recognition-outcomes-read",
    at: now(),
    outcome: "success",
    agent: asker,
  });
}
