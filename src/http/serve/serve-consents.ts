import { randomUUID } from "node:crypto";
import { accessLog } from "../../audit/access-log.ts";
import { type AuditFacts, auditEvent } from "../../audit/audit-event.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { allConsentsOf } from "../../consent/consents-of.ts";
import type { GrantDeps } from "../../consent/grant-consent.ts";
import type { Grant, GrantedConsent } from "../../consent/model.ts";
import { readConsent } from "../../consent/read-consent.ts";
import { withdrawConsent } from "../../consent/withdraw-consent.ts";
import { readResident } from "../../identity/resident.ts";
import type { ResidentId } from "../../kernel/brand.ts";
import { Fault, type Problem } from "../../kernel/fault.ts";
import type { LookupDeps } from "../../lookup/lookup-deps.ts";
import { grantAndWake } from "../../lookup/wake-lookups.ts";
import type { Caller } from "../caller.ts";
import type { ConsentGrant, ConsentState } from "../contract/consent.ts";
import type { UseCases } from "../use-cases.ts";

/** Entries of "who looked" that one answer holds at most. */
const logLimit = 199;

type Deps = LookupDeps & GrantDeps & { readonly isInstitution: (code: string) => boolean };

/** A resident's own doors: consents, and who looked. */
export function serveConsents(deps: Deps): Pick<UseCases, "grantConsent" | "listConsents" | "withdrawConsent" | "accessLog"> {
  const residentsOf = async (resident: ResidentId) => (await readResident(deps.store, resident))?.all ?? [resident];
  return {
    async grantConsent({ caller, resident, grant }) {
      const problems = unknownInstitutions(grant, deps.isInstitution);
      if (problems.length > 0) return { kind: "wrong", problems };
      const granted = await grantAndWake(deps, {
        resident,
        grant: grant as Grant,
        key: randomUUID(),
        audit: ({ id }) => [consentEvent(deps, { kind: "consent-given", caller, resident, consent: id ?? "" })],
      });
      if (granted.kind === "wrong") return granted;
      if (granted.kind === "conflict") throw new Fault("conflict");
      return { kind: "granted", consent: stateOf(readConsent(granted.consent, deps.now())) };
    },
    async listConsents({ resident }) {
      const consents = await allConsentsOf(deps.store, await residentsOf(resident));
      return consents.map((consent) => stateOf(readConsent(consent, deps.now())));
    },
    async withdrawConsent({ caller, resident, id }) {
      const withdrawn = await withdrawConsent(deps.store, {
        residents: await residentsOf(resident),
        id,
        audit: (consent) => [consentEvent(deps, { kind: "consent-withdrawn", caller, resident, consent: consent.id ?? "" })],
      });
      if (withdrawn.kind === "not-found") return undefined;
      if (withdrawn.kind === "conflict") throw new Fault("conflict");
      return stateOf(readConsent(withdrawn.consent, deps.now()));
    },
    async accessLog({ caller, resident }) {
      const log = await accessLog(deps.store, await residentsOf(resident), logLimit);
      const id = deps.suite.computeId("DEFAULT", "AuditEvent", "access-log-read", resident, deps.unique());
      const read = {
        id,
        kind: "access-log-read",
        at: deps.now(),
        outcome: "success",
        agent: agentOf(caller, resident),
        resident,
      } as const;
      await recordAudit(deps.store, [auditEvent(read)]);
      return log;
    },
  };
}

function unknownInstitutions(grant: ConsentGrant, isInstitution: (code: string) => boolean): Problem[] {
  const check = (field: string, codes: readonly string[] = []) =>
    codes.flatMap((code, at) =>
      isInstitution(code) ? [] : [{ field: `${field}.${at}`, reason: "is no institution of this region" }],
    );
  return [...check("recipients", grant.recipients), ...check("sources", grant.sources)];
}

interface ConsentChange {
  readonly kind: Extract<AuditFacts["kind"], "consent-given" | "consent-withdrawn">;
  readonly caller: Caller;
  readonly resident: ResidentId;
  readonly consent: string;
}

function consentEvent(deps: Deps, { kind, caller, resident, consent }: ConsentChange) {
  return auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", kind, consent),
    kind,
    at: deps.now(),
    outcome: "success",
    agent: agentOf(caller, resident),
    resident,
    entities: [{ what: { reference: `Consent/${consent}` } }],
  });
}

function agentOf({ client }: Caller, resident: ResidentId) {
  return { client, resident };
}

function stateOf({ version: _version, ...consent }: GrantedConsent): ConsentState {
  return consent as ConsentState;
}
