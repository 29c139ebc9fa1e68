import { readdirSync, readFileSync } from "node:fs";
import type { Resource } from "@medplum/fhirtypes";

const folder = new URL("../../profiles/examples/", import.meta.url);

/** The example of each profile, by the profile's name. */
export const examples: ReadonlyMap<string, Resource> = new Map(
  readdirSync(folder).map((file) => [
    file.replace(".json", ""),
    JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Resource,
  ]),
);

/** What is done to an example so that its profile, and not R4, must refuse it: the element is taken away, or set to what stands here. */
export const broken: Readonly<Record<string, { readonly said: string; readonly element: string; readonly value?: unknown }>> = {
  allergy: { said: "no substance", element: "code" },
  composition: { said: "no sections", element: "section" },
  condition: { said: "no code", element: "code" },
  "document-reference": { said: "no document number", element: "masterIdentifier" },
  encounter: { said: "no institution", element: "serviceProvider" },
  "golden-patient": { said: "a name", element: "name", value: [{ text: "张三" }] },
  "imaging-report": { said: "no reporting institution", element: "performer" },
  "imaging-study": { said: "no study UID", element: "identifier" },
  immunization: { said: "no number", element: "identifier" },
  "lab-observation": { said: "neither value nor reason", element: "valueQuantity" },
  "lab-report": { said: "a reporter outside the registry", element: "performer", value: [{ display: "某医院" }] },
  location: { said: "no name", element: "name" },
  "medication-request": { said: "a plan, no order", element: "intent", value: "plan" },
  organization: { said: "no type", element: "type" },
  patient: { said: "a phone in clear", element: "telecom", value: [{ system: "phone", value: "10000000001" }] },
  practitioner: { said: "a phone", element: "telecom", value: [{ system: "phone", value: "10000000001" }] },
  "practitioner-role": { said: "no department", element: "organization" },
  procedure: { said: "no time", element: "performedPeriod" },
  provenance: { said: "no file", element: "entity" },
  "quality-certificate-record": { said: "nothing certified", element: "extension" },
  "recognition-figures": { said: "figures of nobody", element: "reporter" },
  "recognition-outcome": { said: "adopted without its evidence", element: "contained" },
  "recognition-notice": { said: "nobody to tell", element: "owner" },
  "result-changed": { said: "nothing that changes", element: "input" },
  "service-request": { said: "no time of ordering", element: "authoredOn" },
  specimen: { said: "no type", element: "type" },
  "stub-encounter": { said: "a period", element: "period", value: { start: "2026-11-19" } },
  "stub-patient": { said: "a name", element: "name", value: [{ text: "张三" }] },
};

/** The broken copy of a profile's example. */
export function brokenCopy(profile: string): Resource {
  const { element, value } = broken[profile] ?? { element: "", value: undefined };
  const { [element]: _, ...rest } = examples.get(profile) as unknown as Record<string, unknown>;
  return (value === undefined ? rest : { ...rest, [element]: value }) as unknown as Resource;
}
