import type { Resource } from "@medplum/fhirtypes";
import type { FhirStore, SearchParams } from "../fhir/store.ts";
import type { InstitutionCode } from "../kernel/brand.ts";
import { instant } from "../kernel/clock.ts";
import { asFault } from "../kernel/fault.ts";
import { type AskedPatient, answerOf, noAnswer, type Question, type SourceAnswer } from "./answer.ts";
import { checkAnswer } from "./check-answer.ts";
import { type Search, searchesFor } from "./searches.ts";

/** Most matches one search may bring: HAPI cuts silently at 200 under no-store, so one less is asked to see it. */
const pageSize = 199;
/** Pages of one institution and type, asked for by itself, before its line says `more`. */
const mostPages = 10;

/** The permitted local Patients of hosted institutions, what is asked of them, and the instant it must end. */
export interface HostedRequest {
  readonly patients: readonly AskedPatient[];
  readonly question: Question;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** What one type's searches found of an institution. `lost`: a search that held its answer failed or mixed people up. */
interface Part {
  readonly institution: InstitutionCode;
  readonly resources: readonly Resource[];
  readonly more?: boolean;
  readonly lost?: { readonly outcome: "failed" | "timed-out"; readonly reason: "unavailable" | "wrong-patient" };
}

/**
 * Asks every hosted institution at once: one `_ALL` search per resource type over the permitted local Patients (the list is the
 * permission). Never throws: if one of these searches fails, every line in it says so, since nobody can tell whose answer is missing.
 */
export async function askHosted(store: FhirStore, request: HostedRequest): Promise<SourceAnswer[]> {
  const categories = [...new Set(request.patients.flatMap((one) => one.categories))];
  const searches = searchesFor(request.question, categories).map((search) => {
    const patients = request.patients.filter((one) => one.categories.some((category) => search.categories.includes(category)));
    return askFrom(store, request, { search, patients, pages: 0 });
  });
  const parts = Map.groupBy((await Promise.all(searches)).flat(), (part) => part.institution);
  return institutionsOf(request.patients).map((code) => merge(code, parts.get(code) ?? [], instant(request.now)));
}

/** One search, for these Patients, of what was stored at `since` or later. */
interface Stretch {
  readonly search: Search;
  readonly patients: readonly AskedPatient[];
  readonly since?: string;
  /** Pages asked for one institution alone. */
  readonly pages: number;
}

/**
 * A page, and what follows it. Matches come in the order in which they were stored: no resource lacks that date, and what is changed
 * meanwhile moves to a later page instead of being missed. What follows a full page is asked in two halves of the institutions, at last
 * institution by institution, so that one with much to tell never cuts what another one says.
 */
async function askFrom(store: FhirStore, request: HostedRequest, stretch: Stretch): Promise<Part[]> {
  const { search, patients, since } = stretch;
  const institutions = institutionsOf(patients);
  try {
    const params: SearchParams = {
      ...search.params,
      patient: patients.map((one) => `Patient/${one.patient}`).join(","),
      _sort: "_lastUpdated",
      ...(since === undefined ? {} : { _lastUpdated: `ge${since}` }),
    };
    const tenant = institutions.length === 1 && institutions[0] !== undefined ? institutions[0] : "_ALL";
    const page = await store.search(tenant, search.type, params, pageSize, { signal: request.signal, exactDecimals: true });
    const { belonging, strangers } = checkAnswer(page.resources, patients);
    if (strangers > 0) return lost(institutions, { outcome: "failed", reason: "wrong-patient" });
    const found = [...belonging].map(([institution, resources]) => ({ institution, resources }));
    return page.more ? [...found, ...(await askOn(store, request, stretch, page.resources.at(-1)))] : found;
  } catch (error) {
    const outcome = request.signal.aborted || asFault(error).code === "source-timeout" ? "timed-out" : "failed";
    return lost(institutions, { outcome, reason: "unavailable" });
  }
}

async function askOn(store: FhirStore, request: HostedRequest, stretch: Stretch, last?: Resource): Promise<Part[]> {
  const since = last?.meta?.lastUpdated;
  const institutions = institutionsOf(stretch.patients);
  if (institutions.length === 1 || since === undefined) {
    // At the bound, or when more than a page was stored in one and the same instant, no later page is reached.
    if (since === undefined || since === stretch.since || stretch.pages + 1 >= mostPages)
      return institutions.map((institution) => ({ institution, resources: [], more: true }));
    return await askFrom(store, request, { ...stretch, since, pages: stretch.pages + 1 });
  }
  const some = new Set(institutions.slice(0, Math.ceil(institutions.length / 2)));
  const halves = [true, false].map((inFirst) => stretch.patients.filter((one) => some.has(one.institution) === inFirst));
  return (await Promise.all(halves.map((patients) => askFrom(store, request, { ...stretch, patients, since })))).flat();
}

function merge(code: InstitutionCode, parts: readonly Part[], askedAt: string): SourceAnswer {
  const missing = parts.find((part) => part.lost !== undefined)?.lost;
  if (missing !== undefined) return noAnswer(code, missing.outcome, missing.reason, askedAt);
  // Pages overlap at their edges: the later one wins, it was read later.
  const resources = new Map(parts.flatMap((part) => part.resources).map((one) => [`${one.resourceType}/${one.id}`, one]));
  const more = parts.some((part) => part.more === true);
  return answerOf(code, { resources: [...resources.values()], more }, askedAt);
}

function lost(institutions: readonly InstitutionCode[], how: NonNullable<Part["lost"]>): Part[] {
  return institutions.map((institution) => ({ institution, resources: [], lost: how }));
}

function institutionsOf(patients: readonly AskedPatient[]): InstitutionCode[] {
  return [...new Set(patients.map((one) => one.institution))];
}
