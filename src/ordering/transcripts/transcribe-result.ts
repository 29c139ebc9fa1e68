import { isDeepStrictEqual } from "node:util";
import type { List } from "@medplum/fhirtypes";
import { auditEvent } from "../../audit/audit-event.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { resourceReference } from "../../fhir/reference.ts";
import type { ResidentId } from "../../kernel/brand.ts";
import { pause } from "../../kernel/clock.ts";
import { parseExact } from "../../kernel/exact-json.ts";
import { Fault } from "../../kernel/fault.ts";
import type { DraftOrder, Orderer } from "../check/check.ts";
import type { CheckDeps } from "../check/check-deps.ts";
import { draftsOf } from "../check/draft-orders.ts";
import { emptyTranscripts, sizeOf, type TypedResult, transcriptId, withTyped } from "./transcribed-results.ts";

/** A result the patient brought on paper, typed in by whoever the token names, in one visit. */
export interface Transcription extends Omit<TypedResult, "item" | "reportedAt"> {
  /** A day or an instant. */
  readonly reportedAt?: string;
  readonly asker: Orderer;
  readonly resident: ResidentId;
  readonly visit: { readonly number: string };
  readonly result: { readonly item: string } | Exclude<DraftOrder, { item: string }>["code"];
}

/** Results of one visit; more is a mistake of somebody's program. */
const mostOfAVisit = 50;
const rounds = 5;

type Deps = Pick<CheckDeps, "store" | "suite" | "now" | "unique" | "recognitionData">;

/**
 * Keeps a typed-in result for the visit in which it was typed: shown in the checks of that visit only, never to others, never sent upward, counted apart.
 * The same again changes nothing; another value for the same item of the same paper takes its place. Throws `Fault("store-down")`, `Fault("conflict")`.
 */
export async function transcribeResult(
  deps: Deps,
  typed: Transcription,
): Promise<{ readonly kind: "kept" } | { readonly kind: "unknown-item" } | { readonly kind: "too-many" }> {
  const { asker, resident, visit, result, reportedAt, ...printed } = typed;
  const { catalogue } = await deps.recognitionData();
  const order = "item" in result ? { id: "-", item: result.item } : { id: "-", code: result };
  const [draft] = draftsOf([order], catalogue);
  if (draft?.item === undefined || draft.panel !== undefined || draft.item.kind !== "lab") return { kind: "unknown-item" };
  const { item } = draft;
  const of = { institution: asker.institution, resident, visit: visit.number };
  const id = transcriptId(deps.suite, of);
  const reported = catalogue.instantOf(reportedAt);
  const row = { ...printed, item, ...(reported === undefined ? {} : { reportedAt: reported }) };
  const change = (list: List) => withTyped(list, row, asker.practitioner?.id);
  for (let round = 0; round < rounds; round++) {
    await pause(round * 20);
    const stored = await deps.store.read(asker.institution, "List", id, { exactDecimals: true });
    const changed = change(stored ?? emptyTranscripts(id, of));
    if (stored !== undefined && isDeepStrictEqual(parseExact(JSON.stringify(changed)), stored)) return { kind: "kept" };
    if (sizeOf(changed) > mostOfAVisit) return { kind: "too-many" };
    await audit(deps, typed, id);
    const ifMatch = stored?.meta?.versionId;
    const outcome =
      ifMatch === undefined
        ? await deps.store.commit(asker.institution, [{ kind: "put", resource: changed }], { createOnly: true })
        : await deps.store.commit(asker.institution, [{ kind: "update", resource: changed, ifMatch }]);
    if (outcome.kind === "committed") return { kind: "kept" };
  }
  throw new Fault("conflict");
}

/** Told before the write: a result nobody knows the typist of must not exist. */
async function audit(deps: Deps, { asker, resident }: Transcription, id: ReturnType<typeof transcriptId>): Promise<void> {
  const event = auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", "result-transcribed", deps.unique()),
    kind: "result-transcribed",
    at: deps.now(),
    outcome: "success",
    agent: asker,
    resident,
    purpose: "TREAT",
    entities: [{ what: resourceReference({ tenant: asker.institution, type: "List", id }) }],
  });
  await recordAudit(deps.store, [event]);
}
