import type { Resource } from "@medplum/fhirtypes";
import type { FhirStore, SearchParams } from "../../fhir/store.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import type { FaultCode } from "../../kernel/fault.ts";
import { asFault } from "../../kernel/fault.ts";
import type { Silence } from "../../recognition/decide.ts";
import type { Kind } from "../../recognition/policy-schema.ts";
import { checkAnswer } from "../../sources/check-answer.ts";
import type { CheckedPatient } from "./judge-check.ts";

/** Under no-store the store cuts silently at 200. */
const pageSize = 199;
/** How often a stretch of time may be halved before a source's answer counts as not whole. */
const mostHalvings = 6;

/** What is looked for: codes of laboratory items, imaging, from when on, until now. */
export interface Wanted {
  /** `system|code` of every ordered laboratory item, or all of them; empty = no laboratory order. */
  readonly labCodes: readonly string[] | "all";
  readonly imaging: boolean;
  readonly from: Date;
  readonly until: Date;
  /** Ends every search. */
  readonly signal: AbortSignal;
}

/** What one institution holds of one kind: checked to belong to the resident, current, not yet filtered by consent. */
export interface FoundResults {
  readonly source: InstitutionCode;
  readonly kind: Kind;
  readonly resources: readonly Resource[];
}

/** Everything found, and which source was silent about which kind. */
export interface Findings {
  readonly found: readonly FoundResults[];
  readonly silent: readonly (Silence & { readonly kind: Kind })[];
  /** Faults behind the silence, for the log. */
  readonly faults: readonly FaultCode[];
}

interface Search {
  readonly kind: Kind;
  readonly type: "Observation" | "DiagnosticReport" | "ImagingStudy";
  readonly params: SearchParams;
  /** Search parameter of its clinical date. */
  readonly date: "date" | "started";
}

/**
 * Asks every hosted institution at once: one `_ALL` search per resource type over the permitted local Patients (the list is the permission).
 * A full page is continued institution by institution, then by date, until nothing is left; what still does not fit is told. Never throws for a source:
 * when a search fails, every institution in it is silent, since nobody can tell whose answer is missing.
 */
export async function findResults(store: FhirStore, patients: readonly CheckedPatient[], wanted: Wanted): Promise<Findings> {
  const searches = searchesFor(wanted);
  const parts = await Promise.all(
    searches.map((search) => {
      const asked = patients.filter((one) => one.kinds.includes(search.kind));
      return asked.length === 0 ? { found: [], silent: [], faults: [] } : ask(store, asked, { search, wanted });
    }),
  );
  return {
    found: parts.flatMap((part) => part.found),
    silent: parts.flatMap((part) => part.silent),
    faults: parts.flatMap((part) => part.faults),
  };
}

function searchesFor({ labCodes, imaging }: Wanted): Search[] {
  const rad = "http://terminology.hl7.org/CodeSystem/v2-0074|RAD";
  const laboratory = "http://terminology.hl7.org/CodeSystem/observation-category|laboratory";
  const labs: SearchParams = labCodes === "all" ? { category: laboratory } : { code: labCodes.join(",") };
  return [
    ...(labCodes.length === 0 ? [] : [{ kind: "lab", type: "Observation", params: labs, date: "date" } as const]),
    ...(imaging
      ? ([
          { kind: "imaging", type: "DiagnosticReport", params: { category: rad }, date: "date" },
          { kind: "imaging", type: "ImagingStudy", params: {}, date: "started" },
        ] as const)
      : []),
  ];
}

interface Asking {
  readonly search: Search;
  readonly wanted: Pick<Wanted, "from" | "until" | "signal">;
}

async function ask(store: FhirStore, patients: readonly CheckedPatient[], asking: Asking): Promise<Findings> {
  try {
    const page = await onePage(store, patients, asking);
    if (!page.more) return sorted(page.resources, patients, asking.search.kind);
  } catch (error) {
    return silence(patients, asking.search.kind, error);
  }
  const byInstitution = [...Map.groupBy(patients, (one) => one.institution).values()];
  const parts = await Promise.all(byInstitution.map((own) => askOne(store, own, asking)));
  return {
    found: parts.flatMap((part) => part.found),
    silent: parts.flatMap((part) => part.silent),
    faults: parts.flatMap((part) => part.faults),
  };
}

async function askOne(store: FhirStore, patients: readonly CheckedPatient[], asking: Asking): Promise<Findings> {
  try {
    const { resources, more } = await exhaust(store, patients, asking, mostHalvings);
    const part = sorted(resources, patients, asking.search.kind);
    if (!more) return part;
    const silent = silentOf(patients, asking.search.kind, "source-has-more");
    return { ...part, silent: [...part.silent, ...silent] };
  } catch (error) {
    return silence(patients, asking.search.kind, error);
  }
}

/** A stretch of time whose page is full is asked again in two halves; the boundary belongs to the later one. */
async function exhaust(
  store: FhirStore,
  patients: readonly CheckedPatient[],
  asking: Asking,
  halvings: number,
): Promise<{ resources: readonly Resource[]; more: boolean }> {
  const page = await onePage(store, patients, asking);
  if (!page.more || halvings === 0) return page;
  const { from, until, signal } = asking.wanted;
  const middle = new Date((from.getTime() + until.getTime()) / 2);
  const halves = await Promise.all([
    exhaust(store, patients, { ...asking, wanted: { from, until: middle, signal } }, halvings - 1),
    exhaust(store, patients, { ...asking, wanted: { from: middle, until, signal } }, halvings - 1),
  ]);
  return { resources: halves.flatMap((half) => half.resources), more: halves.some((half) => half.more) };
}

async function onePage(store: FhirStore, patients: readonly CheckedPatient[], { search, wanted }: Asking) {
  const params: SearchParams = {
    ...search.params,
    patient: patients.map((one) => `Patient/${one.patient}`).join(","),
    [search.date]: [`ge${instant(wanted.from)}`, `lt${instant(wanted.until)}`],
  };
  return await store.search("_ALL", search.type, params, pageSize, { signal: wanted.signal, exactDecimals: true });
}

function sorted(resources: readonly Resource[], patients: readonly CheckedPatient[], kind: Kind): Findings {
  const { belonging, strangers } = checkAnswer(resources, patients);
  if (strangers > 0) return { found: [], silent: silentOf(patients, kind, "source-failed"), faults: ["unexpected"] };
  const unique = (list: readonly Resource[]) => [
    ...new Map(list.map((one) => [`${one.resourceType}/${one.id}`, one])).values(),
  ];
  return { found: [...belonging].map(([source, list]) => ({ source, kind, resources: unique(list) })), silent: [], faults: [] };
}

function silence(patients: readonly CheckedPatient[], kind: Kind, error: unknown): Findings {
  return { found: [], silent: silentOf(patients, kind, "source-failed"), faults: [asFault(error).code] };
}

function silentOf(patients: readonly CheckedPatient[], kind: Kind, cause: Silence["cause"]): Findings["silent"] {
  return [...new Set(patients.map((one) => one.institution))].map((source) => ({ source, kind, cause }));
}
