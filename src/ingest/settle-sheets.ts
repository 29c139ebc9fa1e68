import type { Write } from "../fhir/store.ts";
import type { Tenant } from "../kernel/brand.ts";
import { chunks } from "../kernel/chunks.ts";
import { pause } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { readWhole } from "./change-desk.ts";
import { faultOfContent } from "./fault-of-content.ts";
import { isReissue, type Settled, settleSheet } from "./plan-writes.ts";
import { provenanceOf } from "./provenance.ts";
import { mergeSheets, type Sheet } from "./sheet.ts";
import { listsOf, refsIn } from "./sheet-lists.ts";
import { storedFrom } from "./stored.ts";
import type { WriteDeps } from "./write-deps.ts";

const rounds = 10;
const perTransaction = 99;

/** A sheet whose stored rows must follow its head, with every row it was seen to name, also in an issue that was overtaken since. */
export interface Unsettled {
  readonly sheet: Sheet;
  readonly refs: ReadonlySet<string>;
}

/** Two of these for one sheet as one. */
export function mergeUnsettled(a: Unsettled, b: Unsettled): Unsettled {
  return { sheet: mergeSheets(a.sheet, b.sheet), refs: a.refs.union(b.refs) };
}

/** The sheet without its rows, which are stored already, but with their names. */
export function unsettled(sheet: Sheet): Unsettled {
  return {
    sheet: { ...sheet, rows: [] },
    refs: new Set([...refsIn(listsOf(sheet.head.resource)), ...sheet.rows.map((row) => row.ref)]),
  };
}

/**
 * Makes stored rows follow their heads when the export ends: rows of an earlier issue vanish, rows of a withdrawn sheet are withdrawn,
 * lists are united. All sheets belong to one tenant. A sheet that the store refuses becomes an issue. Throws `Fault("store-down")`.
 */
export async function settleSheets(deps: WriteDeps, some: readonly Unsettled[]): Promise<void> {
  const fault = await faultOfContent(deps, () => settleAll(deps, some));
  if (fault === undefined) return;
  const [sheet] = some.map((one) => one.sheet);
  if (some.length > 1) for (const one of some) await settleSheets(deps, [one]);
  else if (sheet !== undefined) {
    const { file, line } = sheet.head;
    deps.ledger.count(sheet.places[0] ?? 0, "refused");
    deps.ledger.issue(sheet.places[0] ?? 0, { severity: "error", code: "store-refused", file, line, reason: fault.message });
  }
}

async function settleAll(deps: WriteDeps, some: readonly Unsettled[]): Promise<void> {
  const sheets = some.map((one) => one.sheet);
  const tenant = sheets[0]?.tenant;
  if (tenant === undefined) return;
  for (let round = 0; round < rounds; round++) {
    const heads = await readWhole(deps.store, tenant, new Set(sheets.map((sheet) => sheet.head.ref)));
    const known = some.flatMap(({ sheet, refs }) => {
      const head = heads.get(sheet.head.ref);
      return head === undefined ? [] : [{ sheet, head, refs: new Set([...refs, ...refsIn(listsOf(head))]) }];
    });
    const rows = await readWhole(deps.store, tenant, new Set(known.flatMap(({ refs }) => [...refs])));
    const settled = known.map(({ sheet, head, refs }) =>
      settleSheet(
        sheet,
        head,
        [...refs].flatMap((ref) => rows.get(ref) ?? []),
      ),
    );
    // Rows before heads: as long as a head is the old one, a replay finds all of it to do again.
    const writes = [...settled.flatMap((one) => one.rows), ...settled.flatMap((one) => one.head ?? [])];
    if (writes.length === 0) return;
    // Read once more after writing: a row that was not part of the transaction may have changed under the old head.
    const reissued = known.filter(({ sheet, head }) => isReissue(sheet.head, storedFrom(head)));
    if (reissued.length > 0)
      await deps.reissuing(new Map(reissued.map(({ sheet: { head } }) => [`${tenant}/${head.ref}`, head.issue.order])));
    const announced = await deps.changes.open(
      known.map(({ sheet }, at) => ({ tenant, head: sheet.head.ref, creates: [], updates: updatesOf(settled[at]) })),
      new Map([...heads, ...rows]),
    );
    if (await commitAll(deps, tenant, writes, sheets)) {
      await deps.changes.free(announced);
      continue;
    }
    await pause(20 * (round + 1) * (0.5 + Math.random()));
  }
  throw new Fault("conflict");
}

function updatesOf(settled: Settled | undefined): Settled["rows"] {
  return settled === undefined ? [] : [...settled.rows, ...(settled.head === undefined ? [] : [settled.head])];
}

async function commitAll(
  deps: WriteDeps,
  tenant: Tenant,
  writes: readonly Write[],
  sheets: readonly Sheet[],
): Promise<boolean> {
  for (const some of chunks(writes, perTransaction)) {
    const resources = some.map((write) => write.resource);
    const provenance = provenanceOf(
      deps.origin,
      { tenant, resources, rows: sheets.map((sheet) => sheet.head) },
      deps.computeId,
    );
    const outcome = await deps.store.commit(tenant, [...some, { kind: "put", resource: provenance }]);
    if (outcome.kind === "conflict") return false;
    deps.ledger.count(sheets[0]?.places[0] ?? 0, "updated", some.length);
  }
  return true;
}
