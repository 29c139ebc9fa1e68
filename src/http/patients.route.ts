import type { OperationOutcome, Patient } from "@medplum/fhirtypes";
import { Fault } from "../kernel/fault.ts";
import { orNotFound } from "./answers.ts";
import { MatchBody, PatientBody, PatientQuery, PixBody } from "./contract/patient.ts";
import { mayRegisterPatients } from "./entitle.ts";
import { guarded } from "./route.ts";

const shared = { errors: "fhir", policy: mayRegisterPatients } as const;
const fhirJson = "application/fhir+json";

/** For institutions with a FHIR server of their own: feed patients, ask which of one's own records are one person. */
export const patientRoutes = [
  guarded({
    ...shared,
    method: "put",
    path: "/fhir/Patient",
    summary: "Register or update a patient of your own under your own identifier (IHE PIXm, ITI-104)",
    query: PatientQuery,
    body: PatientBody,
    answers: {
      200: { description: "Known before; replaced, or unchanged", type: fhirJson },
      201: { description: "Registered", type: fhirJson },
    },
    async handle({ caller, body, query }, useCases) {
      const at = query.identifier.indexOf("|");
      const key = { system: query.identifier.slice(0, at), value: query.identifier.slice(at + 1) };
      const named = body.identifier?.filter((one) => one.system === key.system) ?? [];
      if (named.length > 0 && !named.some((one) => one.value === key.value))
        throw wrong("identifier", "names another patient than the address");
      const { kind } = await useCases.registerPatient({ caller, key, patient: body as unknown as Patient });
      return { kind: "fhir", status: kind === "created" ? 201 : 200, resource: told(kind) };
    },
  }),
  guarded({
    ...shared,
    method: "post",
    path: "/fhir/Patient/$match",
    summary: "Which of your own patients may be the person you describe; never tells of other institutions",
    body: MatchBody,
    answers: { 200: { description: "Searchset of your own patients, the likeliest first", type: fhirJson } },
    async handle({ caller, body }, useCases) {
      const patient = body.resourceType === "Patient" ? body : body.parameter.find((one) => one.name === "resource")?.resource;
      if (patient === undefined) throw wrong("parameter", "must hold a Patient named resource");
      const bundle = await useCases.matchPatients({ caller, patient: patient as unknown as Patient });
      return { kind: "reading", reading: { kind: "released", bundle } };
    },
  }),
  guarded({
    ...shared,
    method: "post",
    path: "/fhir/Patient/$ihe-pix",
    summary: "Which of your own identifiers name the same person (IHE PIXm, ITI-83, within your institution)",
    body: PixBody,
    answers: { 200: { description: "Parameters with targetIdentifier", type: fhirJson } },
    async handle({ caller, body }, useCases) {
      const { system, value } = body.parameter.find((one) => one.name === "sourceIdentifier")?.valueIdentifier ?? {};
      if (system === undefined || value === undefined)
        throw wrong("parameter", "must hold sourceIdentifier with system and value");
      const targets = orNotFound(await useCases.crossReference({ caller, key: { system, value } }));
      const parameter = targets.map((one) => ({
        name: "targetIdentifier",
        valueIdentifier: { system: one.system, value: one.value },
      }));
      return { kind: "fhir", status: 200, resource: { resourceType: "Parameters", parameter } };
    },
  }),
];

function told(kind: "created" | "updated" | "unchanged"): OperationOutcome {
  return {
    resourceType: "OperationOutcome",
    issue: [{ severity: "information", code: "informational", diagnostics: `The patient was ${kind}.` }],
  };
}

function wrong(field: string, reason: string): Fault {
  return new Fault("request-invalid", { problems: [{ field, reason }] });
}
