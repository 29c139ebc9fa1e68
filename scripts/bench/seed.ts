import type { DiagnosticReport, ImagingStudy, Observation, Patient, Resource } from "@medplum/fhirtypes";
import { buildConsent } from "../../src/consent/build-consent.ts";
import { withIssue } from "../../src/fhir/issue.ts";
import { institutionReference, localReference } from "../../src/fhir/reference.ts";
import type { FhirStore, Write } from "../../src/fhir/store.ts";
import { extensions } from "../../src/fhir/systems.ts";
import { newGolden, withLink, withNumber } from "../../src/identity/golden-patient.ts";
import { cleanNumber, type NumberFacts, parseIdentityNumber } from "../../src/identity/parse-identity-number.ts";
import { residentIdOf } from "../../src/identity/person.ts";
import { sealPerson } from "../../src/identity/seal-person.ts";
import type { InstitutionCode, ResidentId, ResourceId, Tenant } from "../../src/kernel/brand.ts";
import type { CryptoSuite } from "../../src/kernel/crypto-suite.ts";
import { exactNumber } from "../../src/kernel/exact-json.ts";
import { asker, holders } from "./region.ts";

/** LOINC codes of the sixteen results each institution holds of a resident. */
const seededItems = [
  ..."2823-3 2951-2 2075-0 2000-8 2885-2 1751-7 1742-6 1920-8".split(" "),
  ..."14682-9 14933-6 22664-7 14749-6 6690-2 777-3 718-7 789-8".split(" "),
];

/** Institutions that know each seeded resident, and resources each of them stores of one. */
const linkedPerResident = 10;
const perInstitution = 1 + 2 + seededItems.length + 1;

/** One seeded resident. */
export interface Seeded {
  readonly number: string;
  readonly resident: ResidentId;
  readonly sources: readonly InstitutionCode[];
}

/** The residents of a data set with this many clinical resources; computed, so that a kept data set needs no list. */
export function seededResidents(suite: CryptoSuite, resources: number): Seeded[] {
  const count = Math.ceil(resources / (linkedPerResident * perInstitution));
  return Array.from({ length: count }, (_, index) => {
    const number = numberOfPerson(index);
    const sources = Array.from(
      { length: linkedPerResident },
      (_, at) => holders[(index + at * 2) % holders.length] as InstitutionCode,
    );
    return { number, resident: residentIdOf(suite, factsOf(number).number), sources };
  });
}

/** Writes the data set straight into the store, `inFlight` transactions at once. `progress` hears the share that is done. */
export async function seedRegion(
  store: FhirStore,
  suite: CryptoSuite,
  residents: readonly Seeded[],
  options: { now: Date; inFlight: number; progress: (share: number) => void },
): Promise<void> {
  const queue = [...residents.entries()];
  let done = 0;
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, seeded] = next;
      for (const tenant of seeded.sources) await put(store, tenant, recordsOf(suite, seeded, tenant, index, options.now));
      await put(store, "DEFAULT", hubRecordsOf(suite, seeded, options.now));
      done += 1;
      options.progress(done / residents.length);
    }
  };
  await Promise.all(Array.from({ length: options.inFlight }, work));
}

async function put(store: FhirStore, tenant: Tenant, resources: readonly Resource[]): Promise<void> {
  const writes: Write[] = resources.map((resource) => ({ kind: "put", resource }));
  await store.commit(tenant, writes);
}

function localPatientId(suite: CryptoSuite, tenant: InstitutionCode, number: string): ResourceId {
  return suite.computeId(tenant, "Patient", "patient", number) as ResourceId;
}

function hubRecordsOf(suite: CryptoSuite, { number, resident, sources }: Seeded, now: Date): Resource[] {
  const at = now.toISOString();
  const empty = withNumber(newGolden(resident), factsOf(number), suite);
  const golden = sources.reduce<Patient>(
    (patient, tenant) => withLink(patient, { tenant, patientId: localPatientId(suite, tenant, number), basis: "number", at }),
    empty,
  );
  const end = new Date(now.getTime() + 3650 * 86_400_000).toISOString().slice(0, 10);
  const grant = { recipients: [asker], categories: ["lab", "imaging"], purposes: ["TREAT"], period: { end } } as const;
  return [golden, buildConsent(suite.computeId("bench-consent", resident) as ResourceId, resident, grant, now)];
}

function recordsOf(suite: CryptoSuite, { number }: Seeded, tenant: InstitutionCode, index: number, now: Date): Resource[] {
  const id = (type: string, key: string) => suite.computeId(tenant, type, "bench", number, key);
  const patientId = localPatientId(suite, tenant, number);
  const patient = sealPerson(
    { resourceType: "Patient", id: patientId, name: [{ text: "基准测试" }] },
    { identity: { type: "resident-id", number } },
    { suite, tenant },
  );
  const date = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
  const subject = localReference("Patient", patientId);
  const results = seededItems.map((code, at): Observation => {
    const when = date(at < 8 ? 3 + (index % 20) : 40 + (index % 200));
    return {
      resourceType: "Observation",
      id: id("Observation", code),
      extension: [
        { url: extensions.specimenType, valueCodeableConcept: { text: "血清" } },
        { url: extensions.recognitionMark, valueString: "临湖省HR" },
      ],
      status: "final",
      category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }],
      code: { coding: [{ system: "http://loinc.org", code }], text: "基准项目" },
      subject,
      effectiveDateTime: when,
      issued: when,
      performer: [institutionReference(tenant)],
      valueQuantity: {
        value: exactNumber(`${40 + at}.50`),
        unit: "umol/L",
        system: "http://unitsofmeasure.org",
        code: "umol/L",
      },
    };
  });
  const reports = [0, 1].map((half): DiagnosticReport => {
    const members = results.slice(half * 8, half * 8 + 8);
    return {
      resourceType: "DiagnosticReport",
      id: id("DiagnosticReport", String(half)),
      status: "final",
      category: [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0074", code: "LAB" }] }],
      code: { coding: [{ system: "http://loinc.org", code: "11502-2" }] },
      subject,
      ...(members[0]?.effectiveDateTime === undefined ? {} : { effectiveDateTime: members[0].effectiveDateTime }),
      result: members.map((one) => localReference("Observation", one.id ?? "")),
    };
  });
  const study: ImagingStudy = {
    resourceType: "ImagingStudy",
    id: id("ImagingStudy", "1"),
    status: "available",
    subject,
    started: date(60),
    modality: [{ system: "http://dicom.nema.org/resources/ontology/DCM", code: "CT" }],
  };
  const issue = (resource: Resource) =>
    withIssue(resource, { order: date(1), digest: id("row", resource.id ?? ""), state: "present" });
  return [patient, ...results, ...reports, study].map(issue);
}

/** A checksum-valid number of the unassigned province 99: person `index`. */
function numberOfPerson(index: number): string {
  const day = new Date(Date.UTC(1960, 0, 1) + (index % 15_000) * 86_400_000).toISOString().slice(0, 10).replaceAll("-", "");
  const body = `990199${day}${String(index % 1000).padStart(3, "0")}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return body + "10X98765432"[sum % 11];
}

function factsOf(number: string): NumberFacts {
  const parsed = parseIdentityNumber(cleanNumber(number), { allowTestRegions: true, today: new Date() });
  if (parsed.kind !== "valid") throw new Error("a seeded identity number is not valid");
  return parsed;
}
