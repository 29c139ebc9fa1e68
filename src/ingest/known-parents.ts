import type { Resource } from "@medplum/fhirtypes";
import { compareReplacements, type Replacement, standsFor, withSubject } from "../fhir/replacement.ts";
import type { FhirStore } from "../fhir/store.ts";
import type { Tenant } from "../kernel/brand.ts";
import { type GivingWay, type Parent, type Row, refOf, type Sheet } from "./sheet.ts";
import { decidingElements, type Stored, storedFrom } from "./stored.ts";
import { stubOf } from "./stub.ts";
import { type VisitPair, wayOfVisit } from "./visits.ts";

/** How many references are remembered before the older half is forgotten (about 100 bytes each). */
const remembered = 100_000;

/** What is remembered of a stored resource: for a Patient what it gave way to, for a visit that was asked for whose it is. */
interface Known {
  readonly replacement?: Replacement;
  readonly visit?: Stored;
}

/** A statement that is not stored yet, to be written with the pack; `missing` = there is no such Patient. */
export type Coming = GivingWay & { readonly missing: boolean };

/** Which resources are known to be stored, and which Patients gave way to others, so that each is asked for once an export at most. */
export interface KnownParents {
  /** These have just been stored or read. */
  remember(tenant: Tenant, refs: Iterable<string>): void;
  /** What a stored Patient is now known to have given way to. */
  learn(tenant: Tenant, id: string, replacement: Replacement | undefined): void;
  /**
   * Makes sure all parents of a pack exist: one search by id per type for the unknown ones, stubs for the missing. `own` = what the pack writes.
   * Tells how many stubs were made, and which Patients are to give way.
   */
  ensure(
    tenant: Tenant,
    sheets: readonly Sheet[],
    own: ReadonlySet<string>,
  ): Promise<{ readonly stubs: number; readonly coming: readonly Coming[] }>;
  /** Reads what is not known yet of those to whom these Patients gave way. */
  follow(tenant: Tenant, ids: readonly string[]): Promise<void>;
  /** The Patient that stands for this one, with what is about to be written counted in. */
  standsFor(tenant: Tenant, id: string, coming?: readonly GivingWay[]): string;
  /** The sheet with the Patients that stand for those it names; the same object when all stand for themselves. */
  turned(sheet: Sheet, coming: readonly GivingWay[]): Sheet;
}

/** Throws what the store throws; then nothing is remembered. */
export function createKnownParents(store: FhirStore): KnownParents {
  let young = new Map<string, Known>();
  let old = new Map<string, Known>();
  const asked = new Map<string, Promise<number>>();
  const get = (tenant: Tenant, ref: string) => young.get(`${tenant}/${ref}`) ?? old.get(`${tenant}/${ref}`);
  const set = (tenant: Tenant, ref: string, known: Known) => {
    young.set(`${tenant}/${ref}`, known);
    if (young.size > remembered / 2) [old, young] = [young, new Map()];
  };
  const replacementIn = (tenant: Tenant, coming: readonly GivingWay[]) => (id: string) =>
    [get(tenant, `Patient/${id}`)?.replacement, ...coming.map((one) => (one.id === id ? one.replacement : undefined))]
      .filter((one) => one !== undefined)
      .reduce<Replacement | undefined>((a, b) => (a === undefined || compareReplacements(b, a) > 0 ? b : a), undefined);
  const standing = (tenant: Tenant, id: string, coming: readonly GivingWay[]) => standsFor(id, replacementIn(tenant, coming));

  function take(tenant: Tenant, resource: Resource): void {
    const stored = storedFrom(resource);
    if (resource.resourceType === "Encounter") set(tenant, refOf(resource), { visit: stored });
    else set(tenant, refOf(resource), stored.replacement === undefined ? {} : { replacement: stored.replacement });
  }

  /** Reads these, and the Patients that stand in the place of those found. */
  async function read(tenant: Tenant, wanted: readonly Parent[]): Promise<void> {
    for (let open = wanted; open.length > 0; ) {
      const found = await Promise.all(
        [...Map.groupBy(open, (one) => one.type)].map(([type, some]) =>
          store.readMany(
            tenant,
            type,
            some.map((one) => one.id),
            elementsOf(type),
          ),
        ),
      );
      for (const resource of found.flat()) take(tenant, resource);
      open = found.flat().flatMap((resource) => {
        const into = storedFrom(resource).replacement?.into;
        return into === undefined || get(tenant, `Patient/${into}`) !== undefined ? [] : { type: "Patient" as const, id: into };
      });
    }
  }

  async function createStubs(tenant: Tenant, missing: readonly Parent[], pairs: readonly VisitPair[]): Promise<number> {
    if (missing.length === 0) return 0;
    const stubs = missing.map((one) =>
      stubOf(one, pairs.find((pair) => one.type === "Encounter" && pair.encounter === one.id)?.patient),
    );
    const outcomes = await store.createMissing(tenant, stubs);
    stubs.forEach((stub, index) => void (outcomes[index] === "created" && take(tenant, stub)));
    // What another run made meanwhile may have given way already.
    await read(
      tenant,
      missing.filter((_, index) => outcomes[index] !== "created"),
    );
    return outcomes.filter((outcome) => outcome === "created").length;
  }

  return {
    remember(tenant, refs) {
      for (const ref of refs) if (get(tenant, ref) === undefined) set(tenant, ref, {});
    },
    learn: (tenant, id, replacement) => set(tenant, `Patient/${id}`, replacement === undefined ? {} : { replacement }),
    follow: (tenant, ids) =>
      read(
        tenant,
        ids.flatMap((id) => {
          const into = get(tenant, `Patient/${id}`)?.replacement?.into;
          return into === undefined || get(tenant, `Patient/${into}`) !== undefined
            ? []
            : { type: "Patient" as const, id: into };
        }),
      ),
    standsFor: (tenant, id, coming = []) => standing(tenant, id, coming),
    async ensure(tenant, sheets, own) {
      const pairs = sheets.flatMap((sheet) => sheet.visits);
      const persons = sheets.flatMap((sheet) => sheet.persons);
      const told = sheets.flatMap((sheet) => sheet.givingWay);
      const outside = sheets.flatMap((sheet) => sheet.parents.filter(({ type, id }) => !own.has(`${type}/${id}`)));
      // These may be missing: they are written as what they are, not as stubs.
      const optional = new Set([...told.map((one) => one.id), ...pairs.map((one) => one.patient)]);
      const waiting = new Set<Promise<number>>();
      const all = [...outside, ...[...optional].map((id) => ({ type: "Patient" as const, id }))];
      const unknown = distinct(all).filter(({ type, id }) => {
        const pending = asked.get(`${tenant}/${type}/${id}`);
        if (pending !== undefined) waiting.add(pending);
        return pending === undefined && get(tenant, `${type}/${id}`) === undefined;
      });
      const isMissing = ({ type, id }: Parent) => get(tenant, `${type}/${id}`) === undefined;
      let stubs = 0;
      if (unknown.length > 0) {
        const keys = unknown.map(({ type, id }) => `${tenant}/${type}/${id}`);
        const answer = read(tenant, unknown)
          .then(() => {
            const needed = unknown.filter(({ type, id }) => type !== "Patient" || !optional.has(id));
            return createStubs(tenant, needed.filter(isMissing), pairs);
          })
          .finally(() => {
            for (const key of keys) asked.delete(key);
          });
        for (const key of keys) asked.set(key, answer);
        stubs = await answer;
      }
      await Promise.all(waiting);
      const visits = pairs.map(({ encounter }) => ({ type: "Encounter" as const, id: encounter }));
      await read(
        tenant,
        visits.filter(({ id }) => get(tenant, `Encounter/${id}`)?.visit === undefined),
      );
      const ways = [
        ...told,
        ...pairs.flatMap((pair) => wayOfVisit(pair, persons, get(tenant, `Encounter/${pair.encounter}`)?.visit) ?? []),
      ];
      const targets = [...new Set(ways.map((one) => one.replacement.into))].filter((id) => !own.has(`Patient/${id}`));
      await read(tenant, targets.map((id) => ({ type: "Patient" as const, id })).filter(isMissing));
      const coming = ways.filter(({ id, replacement }) => {
        const stored = get(tenant, `Patient/${id}`)?.replacement;
        return id !== replacement.into && (stored === undefined || compareReplacements(replacement, stored) > 0);
      });
      // A Patient that gives way is written as what it is; a stub comes first only where another gives way to it.
      const into = new Set(coming.map((one) => one.replacement.into));
      const inactive = new Set(coming.flatMap((one) => (into.has(one.id) ? [] : one.id)));
      const missing = outside.filter((one) => isMissing(one) && !(one.type === "Patient" && inactive.has(one.id)));
      const targetsMissing = [...into].flatMap((id) => {
        const target = { type: "Patient" as const, id };
        return isMissing(target) && !own.has(`Patient/${id}`) ? target : [];
      });
      stubs += await createStubs(tenant, distinct([...missing, ...targetsMissing]), pairs);
      return {
        stubs,
        coming: coming.map((one) => ({
          ...one,
          missing: isMissing({ type: "Patient", id: one.id }) && !own.has(`Patient/${one.id}`),
        })),
      };
    },
    turned(sheet, coming) {
      const ids = sheet.parents.flatMap(({ type, id }) => (type === "Patient" ? id : []));
      if (sheet.head.resource.resourceType === "Patient") ids.push(sheet.head.resource.id ?? "");
      const turns = new Map<string, string>();
      for (const id of ids) {
        const into = standing(sheet.tenant, id, coming);
        if (into !== id) turns.set(id, into);
      }
      if (turns.size === 0) return sheet;
      const turn = (row: Row): Row => {
        const resource = row.resource.resourceType === "Patient" ? row.resource : withSubject(row.resource, turns);
        return resource === row.resource ? row : { ...row, resource, told: row.told ?? row };
      };
      return { ...sheet, head: turn(sheet.head), rows: sheet.rows.map(turn) };
    },
  };
}

function elementsOf(type: Resource["resourceType"]): readonly string[] {
  return type === "Patient" || type === "Encounter" ? decidingElements(type) : ["id"];
}

function distinct(parents: readonly Parent[]): Parent[] {
  return [...new Map(parents.map((one) => [`${one.type}/${one.id}`, one])).values()];
}
