import type { Basic, DiagnosticReport, ImagingStudy, Observation, Resource } from "@medplum/fhirtypes";
import { systems } from "../../fhir/systems.ts";
import type { InstitutionCode, ResourceId } from "../../kernel/brand.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import { type Certificate, type Certificates, certificateOf } from "../../recognition/certificates.ts";
import { factsOf } from "../../recognition/decide.ts";
import { priorOfExamination } from "../../recognition/imaging-prior.ts";
import { loadCertificates } from "../../recognition/load-certificates.ts";
import { priorOfObservation } from "../../recognition/prior.ts";
import { type WithdrawnSpan, withdrawnCertificates } from "../../recognition/withdrawn-certificates.ts";
import { type CertificateChange, changesOf } from "../../work/result-change.ts";
import { taskKindTokens } from "../../work/task.ts";
import { type CheckRecord, recordOf } from "../check/check-record.ts";
import type { ChaseDeps } from "./chase-deps.ts";
import { addressText, eventsNaming, placesIn, type ShownPlace } from "./find-places.ts";
import { tellPlaces } from "./tell-places.ts";

/**
 * Tells whoever was shown a result as backed by a certificate that gave no backing after all: withdrawn from a day on, failed later, retracted. Only results measured on the days that are
 * lost count, and only where this certificate was what stood behind them.
 */
export async function tellLostBacking(deps: ChaseDeps, changes: readonly CertificateChange[]): Promise<void> {
  const { catalogue } = await deps.recognitionData();
  const mine = changes.filter(({ tenant }) => isCentre(catalogue, tenant));
  if (mine.length === 0) return;
  const certificates = await loadCertificates(deps.store, catalogue);
  const known = await readSides(deps, catalogue, await openChanges(deps, mine));
  const { before, after } = bothSides(known, certificates);
  const on = { today: catalogue.day, carryOverDays: catalogue.head.certificateCarryOverDays, scopes: catalogue.scopes };
  const own = new Set(mine.map((one) => one.id));
  for (const span of withdrawnCertificates(before, after, on)) {
    const causes = known.filter(({ sides, change }) => own.has(change.id) && sides.some((side) => isOf(side, span)));
    const ids = backedAlike(before, span);
    if (causes.length > 0) await tellSpan(deps, { catalogue, certificates }, { span, ids, causes });
  }
}

/** A change with the certificate as it was and as it is; either may be missing. */
interface Known {
  readonly change: CertificateChange;
  readonly was: Certificate | undefined;
  readonly sides: readonly Certificate[];
}

function isCentre(catalogue: Catalogue, tenant: string): boolean {
  return catalogue.head.qualityCentres.includes(tenant);
}

/** These changes and whatever else is being followed: two that come at once must not hide each other's loss. Of one certificate the earliest. */
async function openChanges(deps: ChaseDeps, mine: readonly CertificateChange[]): Promise<CertificateChange[]> {
  const tasks = await deps.store.searchAll("DEFAULT", "Task", {
    code: taskKindTokens("result-changed"),
    status: "requested,in-progress,on-hold",
    _sort: "authored-on",
  });
  const all = tasks.flatMap((task) => changesOf(task) ?? []).filter((one) => one.kind === "certificate");
  const issueOf = ({ id, issue }: CertificateChange) => JSON.stringify([id, issue]);
  const replacing = new Set([...all, ...mine].filter((one) => one.before !== undefined).map(issueOf));
  const first = new Map<string, CertificateChange>();
  for (const one of [...all, ...mine]) {
    // Taken for new until the store said that it was there.
    if (one.before === undefined && replacing.has(issueOf(one))) continue;
    if (!first.has(one.id)) first.set(one.id, one);
  }
  return [...first.values()];
}

async function readSides(deps: ChaseDeps, catalogue: Catalogue, changes: readonly CertificateChange[]): Promise<Known[]> {
  const known: Known[] = [];
  for (const [tenant, some] of Map.groupBy(changes, (one) => one.tenant)) {
    if (!isCentre(catalogue, tenant)) continue;
    const stored = await deps.store.readMany(
      tenant,
      "Basic",
      some.map((one) => one.id),
    );
    for (const change of some) {
      const basic = stored.find((one) => one.id === change.id);
      const was = change.before === undefined ? undefined : certificateOf(JSON.parse(change.before) as Basic, catalogue);
      const is = basic === undefined ? undefined : certificateOf(basic, catalogue);
      known.push({ change, was, sides: [was, is].filter((one) => one !== undefined) });
    }
  }
  return known;
}

/** Every certificate of the laboratories and items concerned: as they stand, and as they stood before all of these changes. */
function bothSides(known: readonly Known[], certificates: Certificates): { before: Certificate[]; after: Certificate[] } {
  const pairs = new Map(known.flatMap(({ sides }) => sides.map((one) => [`${one.laboratory}|${one.item}`, one] as const)));
  const after = [...pairs.values()].flatMap(({ laboratory, item }) => certificates.of(laboratory, item));
  const changed = new Set(known.map(({ change }) => change.id));
  const before = [...after.filter((one) => !changed.has(one.id)), ...known.flatMap(({ was }) => was ?? [])];
  return { before, after };
}

function isOf(side: Certificate, span: WithdrawnSpan): boolean {
  return side.laboratory === span.laboratory && side.item === span.item;
}

/** Every certificate that may have been named in place of the one that is lost: of the same laboratory, item and scope. */
function backedAlike(before: readonly Certificate[], span: WithdrawnSpan): ReadonlySet<string> {
  const lost = before.find((one) => one.id === span.certificate);
  return new Set(before.filter((one) => isOf(one, span) && one.scope === lost?.scope).map((one) => one.id));
}

interface LostSpan {
  readonly span: WithdrawnSpan;
  /** Certificates by which a check named this backing. */
  readonly ids: ReadonlySet<string>;
  readonly causes: readonly Known[];
}

async function tellSpan(
  deps: ChaseDeps,
  data: { catalogue: Catalogue; certificates: Certificates },
  { span, ids, causes }: LostSpan,
): Promise<void> {
  const change = deps.suite.computeId(
    "change",
    ...[span.certificate, span.from, span.state],
    ...causes.map((one) => JSON.stringify([one.change.id, one.change.issue])).sort(),
  );
  const events = await eventsNaming(
    deps.store,
    [...ids].map((id) => `${systems.certificate}|${id}`),
  );
  const backed = events.flatMap((event) => {
    const check = recordOf(event);
    return check === undefined
      ? []
      : placesIn(event)
          .filter((place) => isBacked(check, place, { span, ids }))
          .map((place) => ({ place, check }));
  });
  const stored = await readShown(
    deps,
    backed.map(({ place }) => place),
  );
  const places = backed.flatMap(({ place, check }) => {
    const day = testDay(deps, data, { resource: stored.get(addressText(place.address)), check, item: span.item });
    const isLost = day !== undefined && day >= span.from && day <= span.to;
    return isLost ? [{ ...place, change, how: "certificate-withdrawn" as const }] : [];
  });
  const tenant = causes[0]?.change.tenant as InstitutionCode;
  const about = { tenant, type: "Basic", id: span.certificate as ResourceId } as const;
  if (places.length > 0) await tellPlaces(deps, { about, kind: "certificate-withdrawn", places });
}

function isBacked(check: CheckRecord, place: ShownPlace, { span, ids }: Omit<LostSpan, "causes">): boolean {
  return check.reminders.some(
    ({ item, results }) =>
      item === span.item &&
      results.some(
        (one) =>
          addressText(one.address) === addressText(place.address) &&
          ids.has(one.certificate ?? "") &&
          one.laboratory === span.laboratory,
      ),
  );
}

async function readShown(deps: ChaseDeps, places: readonly ShownPlace[]): Promise<ReadonlyMap<string, Resource>> {
  const found = new Map<string, Resource>();
  for (const [place, some] of Map.groupBy(places, ({ address }) => `${address.tenant}/${address.type}`)) {
    const [tenant, type] = place.split("/") as [InstitutionCode, Resource["resourceType"]];
    const ids = [...new Set(some.map((one) => one.address.id))];
    for (const resource of (await deps.store.readMany(tenant, type, ids)) as Resource[])
      found.set(`${place}/${resource.id}`, resource);
  }
  return found;
}

/** The day of the test as the decision took it. */
function testDay(
  deps: ChaseDeps,
  { catalogue, certificates }: { catalogue: Catalogue; certificates: Certificates },
  { resource, check, item: id }: { resource: Resource | undefined; check: CheckRecord; item: string },
): string | undefined {
  const item = catalogue.items.get(id);
  const institution = deps.institutionOf(check.institution);
  const found = { source: "" as InstitutionCode, linkBasis: "number" };
  const prior = resource === undefined ? undefined : priorOf(resource, found, catalogue);
  if (item === undefined || institution === undefined || prior === undefined) return undefined;
  const order = { item, institution, setting: check.setting, emergency: check.emergency };
  const { anchor } = factsOf(prior, order, { catalogue, certificates, institutionOf: deps.institutionOf, now: deps.now() });
  return anchor === undefined ? undefined : catalogue.dayOf(anchor);
}

function priorOf(resource: Resource, found: { source: InstitutionCode; linkBasis: string }, catalogue: Catalogue) {
  if (resource.resourceType === "Observation") return priorOfObservation(resource satisfies Observation, found, catalogue);
  if (resource.resourceType === "ImagingStudy")
    return priorOfExamination({ study: resource satisfies ImagingStudy }, found, catalogue);
  if (resource.resourceType === "DiagnosticReport")
    return priorOfExamination({ report: resource satisfies DiagnosticReport }, found, catalogue);
  return undefined;
}
