import type { ResourceId } from "../kernel/brand.ts";
import { commitPack } from "./commit-pack.ts";
import { faultOfContent } from "./fault-of-content.ts";
import { giveWay } from "./give-way.ts";
import { isolateRefused, withoutRefused } from "./isolate-refused.ts";
import type { Fate } from "./plan-writes.ts";
import type { Row, Sheet } from "./sheet.ts";
import { tellVisits } from "./tell-visits.ts";
import type { Person, WriteDeps } from "./write-deps.ts";

/**
 * Writes sheets of one tenant that fit one transaction: parents made sure of, then create-only or compare and update, then people linked.
 * What the store refuses, or fails on every time, is narrowed down to the row and becomes an issue; the rest is stored. Throws `Fault("store-down")`.
 */
export async function writePack(deps: WriteDeps, sheets: readonly Sheet[]): Promise<void> {
  const clean = deps.refused.size === 0 ? sheets : sheets.map((sheet) => withoutRefused(deps, sheet));
  const fault = await faultOfContent(deps, () => storePack(deps, clean));
  if (fault !== undefined) await isolateRefused(deps, clean, { fault, write: (some) => writePack(deps, some) });
}

async function storePack(deps: WriteDeps, sheets: readonly Sheet[]): Promise<void> {
  const tenant = sheets[0]?.tenant;
  if (tenant === undefined) return;
  const own = new Set(sheets.flatMap(writtenRefs));
  const { stubs, coming } = await deps.parents.ensure(tenant, sheets, own);
  deps.ledger.count(placeOf(sheets), "stubs", stubs);
  const fates = await commitPack(deps, tenant, { sheets, coming });
  deps.parents.remember(tenant, own);
  await giveWay(deps, tenant, { coming: [...coming, ...(await tellVisits(deps, tenant, sheets))], sheets });
  await linkPeople(deps, sheets, fates);
}

/** Every person whose Patient is ours as stored, also when nothing was written: a crash between writing and linking heals on replay. */
async function linkPeople(deps: WriteDeps, sheets: readonly Sheet[], fates: ReadonlyMap<Row, Fate>): Promise<void> {
  const rows = sheets.filter((sheet) => sheet.writesHead).map((sheet) => ({ row: sheet.head, sheet }));
  const people = rows.flatMap(({ row, sheet }) =>
    row.person === undefined || fates.get(row) === "older" || row.issue.state !== "present"
      ? []
      : [
          {
            place: sheet.places[0] ?? 0,
            person: {
              tenant: sheet.tenant,
              patientId: row.person.patientId,
              facts: row.person,
              created: fates.get(row) === "created",
            },
          },
        ],
  );
  if (people.length === 0) return;
  const standing = people.map(({ person }): Person => {
    const into = deps.parents.standsFor(person.tenant, person.patientId) as ResourceId;
    return into === person.patientId ? person : { ...person, into };
  });
  const answers = await deps.identity.link(standing);
  answers.forEach(({ kind }, index) => void deps.ledger.count(people[index]?.place ?? 0, kind));
  // A link that the record had before it gave way.
  for (const { tenant, patientId, into } of standing)
    if (into !== undefined) await deps.identity.moved?.({ tenant, from: patientId, into });
}

/** References of what a part of a sheet writes. */
export function writtenRefs(sheet: Sheet): string[] {
  return [...(sheet.writesHead ? [sheet.head.ref] : []), ...sheet.rows.map((row) => row.ref)];
}

function placeOf(sheets: readonly Sheet[]): number {
  return sheets[0]?.places[0] ?? 0;
}
