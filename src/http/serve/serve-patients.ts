import type { Bundle, BundleEntry } from "@medplum/fhirtypes";
import { type AuditKind, auditEvent } from "../../audit/audit-event.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import { resourceReference } from "../../fhir/reference.ts";
import { crossReference, matchOwn, type OwnMatch } from "../../identity/cross-reference.ts";
import type { LinkDeps } from "../../identity/link-patients.ts";
import { registeredId, registerPatient } from "../../identity/register-patient.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import type { Caller } from "../caller.ts";
import type { UseCases } from "../use-cases.ts";
import { askerOf } from "./asker.ts";

type Deps = Omit<LinkDeps, "openReviews"> & { readonly unique: () => string };

/** The doors for institutions that keep their patients on a FHIR server of their own. Each call is audited before its answer. */
export function servePatients(deps: Deps): Pick<UseCases, "registerPatient" | "matchPatients" | "crossReference"> {
  const linking: LinkDeps = {
    ...deps,
    openReviews: async (tasks) => void (await deps.store.createMissing("DEFAULT", tasks)),
  };
  return {
    async registerPatient({ caller, key, patient }) {
      const { institution: tenant } = askerOf(caller);
      const { kind, patientId } = await registerPatient(linking, { tenant, key, patient });
      await audited(deps, "patient-registered", caller, [patientId]);
      return { kind };
    },
    async matchPatients({ caller, patient }) {
      const { institution } = askerOf(caller);
      const found = await matchOwn(deps, institution, patient);
      await audited(deps, "cross-reference-read", caller, []);
      return searchset(found);
    },
    async crossReference({ caller, key }) {
      const { institution } = askerOf(caller);
      const found = await crossReference(deps, institution, key);
      await audited(deps, "cross-reference-read", caller, [registeredId(deps.suite, institution, key)]);
      return found?.flatMap((one) => one.identifiers);
    },
  };
}

/** Own patients with the grade of the match: identifiers, name, birth date and sex as the institution itself told them. */
function searchset(found: readonly OwnMatch[]): Bundle {
  const entry = found.map(({ identifiers, facts, outcome, score }): BundleEntry => {
    const { name, birthDate, sex } = facts;
    return {
      resource: {
        resourceType: "Patient",
        identifier: identifiers.map(({ system, value }) => ({ system, value })),
        ...(name === undefined ? {} : { name: [{ text: name }] }),
        ...(birthDate === undefined ? {} : { birthDate }),
        ...(sex === undefined ? {} : { gender: sex }),
      },
      search: {
        extension: [
          {
            url: "http://hl7.org/fhir/StructureDefinition/match-grade",
            valueCode: outcome === "same" ? "certain" : "possible",
          },
        ],
        mode: "match",
        score: Number(score.toFixed(2)),
      },
    };
  });
  return { resourceType: "Bundle", type: "searchset", total: entry.length, entry };
}

async function audited(
  deps: Deps,
  kind: Extract<AuditKind, "patient-registered" | "cross-reference-read">,
  caller: Caller,
  patients: readonly ResourceId[],
): Promise<void> {
  const { client, institution } = askerOf(caller);
  const event = auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", kind, client, deps.unique()),
    kind,
    at: deps.now(),
    outcome: "success",
    agent: { client, institution },
    entities: patients.map((id) => ({ what: resourceReference({ tenant: institution, type: "Patient", id }) })),
  });
  await recordAudit(deps.store, [event]);
}
