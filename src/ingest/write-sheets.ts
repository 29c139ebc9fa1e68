import type { Patient } from "@medplum/fhirtypes";
import type { Tenant } from "../kernel/brand.ts";
import { chunks } from "../kernel/chunks.ts";
import { createKnownParents } from "./known-parents.ts";
import { createPace } from "./pace.ts";
import { createPump } from "./pump.ts";
import { mergeUnsettled, settleSheets, type Unsettled, unsettled } from "./settle-sheets.ts";
import { mergeSheets, type Sheet } from "./sheet.ts";
import { listsOf, refsIn } from "./sheet-lists.ts";
import type { IdentityPort, WriteDeps } from "./write-deps.ts";
import { writePack, writtenRefs } from "./write-pack.ts";

/** How much is sent at once. */
export interface WriteLimits {
  /** Entries of a transaction, its Provenance included. */
  readonly entries: number;
  /** Transactions on their way at once, over all tenants. */
  readonly inFlight: number;
}

/** Takes the sheets of one export in order and stores them. */
export interface SheetWriter {
  /** Resolves when there is room for the next sheet. Throws what an earlier write threw. */
  write(sheet: Sheet): Promise<void>;
  /** Sends what waits in half-filled transactions, without waiting for the answers. */
  flush(): Promise<void>;
  /** Sends the rest, judges what vanished, and resolves when everything is stored. */
  finish(): Promise<void>;
  /** Resolves when nothing is on its way any more, whatever became of it. */
  stop(): Promise<void>;
}

/** How many sheets may wait for the end of the export before they are judged early (about 2 KB each). */
const mostWaiting = 2_000;
const perSettling = 8;

/** A transaction being filled: sheets of one tenant, each resource once. */
interface Pack {
  readonly sheets: Map<string, Sheet>;
  readonly refs: Set<string>;
}

/** `replay` = the export was written before, wholly or in part: then what exists is read first. */
export function createSheetWriter(
  deps: Pick<
    WriteDeps,
    "store" | "identity" | "computeId" | "origin" | "ledger" | "moves" | "changes" | "proveWritable" | "reissuing"
  > & {
    readonly limits: WriteLimits;
  },
  replay: boolean,
): SheetWriter {
  const { ledger, limits } = deps;
  const pump = createPump(limits.inFlight);
  const packs = new Map<Tenant, Pack>();
  const waiting = new Map<string, Unsettled>();
  const room = limits.entries - 1;
  const run: WriteDeps = {
    ...deps,
    parents: createKnownParents(deps.store),
    pace: createPace(replay),
    refused: new Set(),
    counted: new WeakSet(),
    settleLater(sheet) {
      const key = `${sheet.tenant}/${sheet.head.ref}`;
      const before = waiting.get(key);
      ledger.open(sheet.places);
      waiting.set(key, before === undefined ? unsettled(sheet) : mergeUnsettled(before, unsettled(sheet)));
    },
  };

  async function send(sheets: readonly Sheet[]): Promise<void> {
    const writes = sheets.flatMap((sheet) =>
      [...writtenRefs(sheet), ...sheet.givingWay.map((one) => `Patient/${one.id}`)].map((ref) => `${sheet.tenant}/${ref}`),
    );
    const needs = sheets.flatMap((sheet) => needsOf(sheet));
    await pump.push({
      writes,
      needs,
      async run() {
        await writePack(run, sheets);
        for (const sheet of sheets) ledger.close(sheet.places);
      },
    });
  }
  async function sendPack(tenant: Tenant): Promise<void> {
    const pack = packs.get(tenant);
    packs.delete(tenant);
    if (pack !== undefined && pack.sheets.size > 0) await send([...pack.sheets.values()]);
  }
  async function settle(): Promise<void> {
    const all = [...waiting.values()];
    waiting.clear();
    for (const some of Map.groupBy(all, ({ sheet }) => sheet.tenant).values()) {
      for (const group of chunks(some, perSettling)) {
        await pump.push({
          writes: group.flatMap(({ sheet, refs }) => [sheet.head.ref, ...refs].map((ref) => `${sheet.tenant}/${ref}`)),
          needs: [],
          async run() {
            await settleSheets(run, group);
            for (const { sheet } of group) ledger.close(sheet.places);
          },
        });
      }
    }
  }

  return {
    async write(mapped) {
      const sheet = sealed(mapped, deps.identity);
      ledger.open(sheet.places);
      if (!sheet.writesHead) return send([sheet]);
      if (waiting.size >= mostWaiting) await settle();
      if (refsOf(sheet).length > room) {
        await sendPack(sheet.tenant);
        for (const part of parts(sheet, room)) {
          ledger.open(part.places);
          await send([part]);
        }
        ledger.close(sheet.places);
        return;
      }
      if (!join(packs.get(sheet.tenant), sheet, room)) {
        await sendPack(sheet.tenant);
        packs.set(sheet.tenant, { sheets: new Map([[sheet.head.ref, sheet]]), refs: new Set(refsOf(sheet)) });
      }
    },
    async flush() {
      for (const tenant of [...packs.keys()]) await sendPack(tenant);
    },
    async finish() {
      for (const tenant of [...packs.keys()]) await sendPack(tenant);
      await pump.drain();
      await settle();
      await pump.drain();
    },
    stop: () => pump.drain().catch(() => undefined),
  };
}

/** Adds the sheet to the pack, merged with an earlier delivery of itself; false when there is no room, or it brings a row of another sheet again. */
function join(pack: Pack | undefined, sheet: Sheet, room: number): boolean {
  if (pack === undefined) return false;
  const before = pack.sheets.get(sheet.head.ref);
  const mine = new Set(before === undefined ? [] : refsOf(before));
  const fresh = refsOf(sheet).filter((ref) => !mine.has(ref));
  if (pack.refs.size + fresh.length > room || fresh.some((ref) => pack.refs.has(ref))) return false;
  pack.sheets.set(sheet.head.ref, before === undefined ? sheet : mergeSheets(before, sheet));
  for (const ref of fresh) pack.refs.add(ref);
  return true;
}

/** A sheet too large for one transaction: its rows first, the head last, so that it never names what is not there. */
function parts(sheet: Sheet, room: number): Sheet[] {
  return [...chunks(sheet.rows, room).map((rows) => ({ ...sheet, writesHead: false, rows })), { ...sheet, rows: [] }];
}

function sealed(sheet: Sheet, identity: IdentityPort): Sheet {
  const { head } = sheet;
  if (head.person === undefined) return sheet;
  return { ...sheet, head: { ...head, resource: identity.seal(head.resource as Patient, head.person, sheet.tenant) } };
}

function needsOf(sheet: Sheet): string[] {
  const named = sheet.writesHead ? refsIn(listsOf(sheet.head.resource)) : [];
  return [...sheet.parents.map(({ type, id }) => `${type}/${id}`), ...named].map((ref) => `${sheet.tenant}/${ref}`);
}

function refsOf(sheet: Sheet): string[] {
  return [sheet.head.ref, ...sheet.rows.map((row) => row.ref)];
}
