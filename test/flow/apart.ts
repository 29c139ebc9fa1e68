import type { DiagnosticReport, Observation, Patient } from "@medplum/fhirtypes";
import type { SampleExport } from "../../scripts/sample/events.ts";
import { labExportOfA } from "../../scripts/sample/fresh.ts";
import type { Person } from "../../scripts/sample/people.ts";
import type { Tenant } from "../../src/kernel/brand.ts";
import { taskKindTokens } from "../../src/work/task.ts";
import type { World } from "../platform.ts";
import { rewritten, rowsOf } from "./reshape.ts";

const tenant = "a-provincial" as Tenant;

/**
 * One lab report of A in the worst order: the indicators before their report, the report without the card that names its patient, and the visit and
 * the patient, who have both card and file number, last; each file an export of its own.
 */
export function cutApart(person: Person, at: Date, reportNumber: string): SampleExport[] {
  const items = ["CREA", "UA", "GLU"].map((item, index) => ({ item, value: String(80 + index) }));
  const made = labExportOfA(person, items, at, { reportNumber });
  const withoutCard = rewritten(made, "TB_LIS_REPORT", (row) => ({ ...row, KH: "-", KLX: "-" }));
  const order = ["TB_LIS_INDICATORS", "TB_LIS_REPORT", "TB_HIS_MZ_REG", "TB_YL_PATIENT"];
  return order.flatMap((table) => {
    const files = withoutCard.files.filter((file) => file.name.startsWith(table) && rowsOf(file).length > 0);
    return files.length === 0 ? [] : [{ ...made, name: `${made.name}-${table}`, files }];
  });
}

/** What the store tells of such a report: in words, so that a difference reads well. */
export async function storyOf(world: World, reportNumber: string, at: Date): Promise<Record<string, unknown>> {
  const identifier = `urn:hutong:a-provincial:lab-report|${reportNumber}`;
  const [report] = (await world.store.searchAll(tenant, "DiagnosticReport", { identifier })).filter(
    (one) => Math.abs(Date.parse(one.effectiveDateTime ?? "") - at.getTime()) < 1000,
  ) as DiagnosticReport[];
  if (report === undefined) return { report: "missing" };
  const ids = (report.result ?? []).map((one) => one.reference?.split("/")[1] ?? "");
  const results: Observation[] = await world.store.readMany(tenant, "Observation", ids);
  const subject = report.subject?.reference ?? "";
  const patient: Patient | undefined = await world.store.read(tenant, "Patient", subject.slice("Patient/".length));
  const weaker = await world.store.searchAll(tenant, "Patient", { link: subject });
  return {
    results: results.length,
    current: results.filter((one) => one.status === "final").length,
    sameSubject: results.every((one) => one.subject?.reference === subject),
    patient: `${patient?.active === true ? "active" : "inactive"} ${(patient?.name?.length ?? 0) > 0 ? "named" : "unnamed"}`,
    gaveWay: weaker.map((one) => (one.active === false ? "inactive" : "active")),
    restOfWeaker: (await Promise.all(weaker.map((one) => aboutPatient(world, one.id ?? "")))).reduce(
      (sum, count) => sum + count,
      0,
    ),
  };
}

/** How `storyOf` reads when everything found its place. */
export const inPlace = {
  results: 3,
  current: 3,
  sameSubject: true,
  patient: "active named",
  gaveWay: ["inactive"],
  restOfWeaker: 0,
};

async function aboutPatient(world: World, id: string): Promise<number> {
  const types = ["Encounter", "DiagnosticReport", "Observation", "Specimen"] as const;
  const found = await Promise.all(
    types.map((type) => world.store.searchAll(tenant, type, { patient: `Patient/${id}`, _elements: "id" })),
  );
  return found.flat().length;
}

/** Ids of the Tasks of exports, late rows and moves that are not at their end. */
export async function unsettled(world: World): Promise<string[]> {
  const code = taskKindTokens("orphan-row", "patient-move", "ingest");
  const tasks = await world.store.searchAll("DEFAULT", "Task", { code, status: "requested,in-progress,on-hold" });
  return tasks.map((task) => task.id ?? "");
}
