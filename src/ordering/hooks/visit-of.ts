import type { Coding, Encounter } from "@medplum/fhirtypes";
import type { Setting } from "../../recognition/policy-schema.ts";
import type { CheckedVisit } from "../check/check.ts";

/** v3-ActCode classes of an Encounter, and the words hospitals put in their place, as settings; whatever else is an outpatient's. */
const settings: Readonly<Record<string, Setting>> = {
  EMER: "emergency",
  IMP: "inpatient",
  ACUTE: "inpatient",
  NONAC: "inpatient",
  OBSENC: "inpatient",
  急诊: "emergency",
  住院: "inpatient",
};

/** A visit that is over, called off or never was: nobody looks into records within it. */
const over: ReadonlySet<string> = new Set(["finished", "cancelled", "entered-in-error"]);

/**
 * The visit an Encounter of the ordering hospital is: its number as the hospital gives it (the identifier of kind VN, else an official one, else the first,
 * else the id), its setting, and the department (诊疗科目). Undefined when it is over.
 */
export function visitOf(encounter: Encounter): CheckedVisit | undefined {
  if (over.has(encounter.status ?? "")) return undefined;
  const number = numberOf(encounter);
  if (number === undefined) return undefined;
  const department = departmentOf(encounter);
  return { number, kind: settingOf(encounter.class), ...(department === undefined ? {} : { department }) };
}

function numberOf({ identifier = [], id }: Encounter): string | undefined {
  const valued = identifier.filter((one) => one.value !== undefined && one.use !== "old");
  const isVisitNumber = (coding: Coding) => coding.code === "VN";
  const found =
    valued.find((one) => one.type?.coding?.some(isVisitNumber)) ?? valued.find((one) => one.use === "official") ?? valued[0];
  return shortText(found?.value ?? id, 64);
}

function settingOf(coding: Coding | undefined): Setting {
  return settings[coding?.code ?? ""] ?? settings[coding?.display ?? ""] ?? "outpatient";
}

function departmentOf({ serviceType }: Encounter): CheckedVisit["department"] {
  const coding = serviceType?.coding?.[0];
  const name = shortText(coding?.display ?? serviceType?.text, 100);
  const code = shortText(coding?.code, 64) ?? name;
  return code === undefined ? undefined : { code, ...(name === undefined ? {} : { name }) };
}

function shortText(text: string | undefined, longest: number): string | undefined {
  const trimmed = text?.trim();
  return trimmed === undefined || trimmed === "" || trimmed.length > longest || /\p{Cc}/u.test(trimmed) ? undefined : trimmed;
}
