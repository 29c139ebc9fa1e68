import type { ActivityDefinition, CodeableConcept, Extension, PlanDefinition, PlanDefinitionAction } from "@medplum/fhirtypes";
import { extensions, systems } from "../../fhir/systems.ts";
import { loincSystem } from "../loinc.ts";
import type { Basis, Condition, Item, Panel, Window } from "../policy-schema.ts";
import { canonical, canonicalReference, citations, entryPeriod, type Publishing, periodOf, sourceText } from "./canonical.ts";

/** One ActivityDefinition for each item: what is ordered. */
export function publishActivities(publishing: Publishing): ActivityDefinition[] {
  return publishing.entries.items.map((item) => ({
    resourceType: "ActivityDefinition",
    ...canonical("ActivityDefinition", publishing, { name: item.id, title: item.name }),
    description: sourceText(item),
    effectivePeriod: entryPeriod(item),
    relatedArtifact: citations([item]),
    kind: "ServiceRequest",
    intent: "order",
    code: codeOf(item),
    ...(item.kind === "imaging" ? { bodySite: [{ text: item.site }] } : {}),
  }));
}

/** The policy itself, one action an item; and one order set for each panel. */
export function publishPlans(publishing: Publishing): PlanDefinition[] {
  const { policy, entries } = publishing;
  const rules: PlanDefinition = {
    resourceType: "PlanDefinition",
    extension: entries.bases.map(basisExtension),
    ...canonical("PlanDefinition", publishing, { name: "", title: policy.head.name }),
    type: planType("eca-rule"),
    effectivePeriod: periodOf(publishing),
    relatedArtifact: citations([...entries.rules, ...entries.bases]),
    action: entries.items
      .filter((item) => !entries.notRecognisable.some((one) => one.item === item.id))
      .map((item) => ruleFor(item, publishing)),
  };
  return [rules, ...entries.panels.map((panel) => orderSet(panel, publishing))];
}

function ruleFor(item: Item, publishing: Publishing): PlanDefinitionAction {
  const { entries } = publishing;
  const windows = entries.windows.filter((window) => window.items.includes(item.id));
  const conditions = entries.conditions.filter(
    ({ items, kinds }) => (items?.includes(item.id) ?? true) && (kinds?.includes(item.kind) ?? true),
  );
  return {
    extension: windows.map(windowExtension),
    title: item.name,
    code: [codeOf(item)],
    documentation: citations([item, ...windows, ...conditions]),
    trigger: [{ type: "named-event", name: "order-sign" }],
    ...(conditions.length === 0 ? {} : { condition: conditions.map(applicability) }),
    definitionCanonical: canonicalReference("ActivityDefinition", publishing, item.id),
  };
}

function orderSet(panel: Panel, publishing: Publishing): PlanDefinition {
  const parts = [
    { url: "advice", valueCode: panel.advice },
    ...(panel.core ?? panel.members).map((valueId) => ({ url: "core", valueId })),
    { url: "provisional", valueBoolean: panel.provisional },
  ];
  return {
    resourceType: "PlanDefinition",
    extension: [{ url: extensions.recognitionPanel, extension: parts }],
    ...canonical("PlanDefinition", publishing, { name: `panel-${panel.id}`, title: panel.name }),
    type: planType("order-set"),
    effectivePeriod: entryPeriod(panel),
    relatedArtifact: citations([panel]),
    action: publishing.entries.items
      .filter((item) => panel.members.includes(item.id))
      .map((item) => ({
        title: item.name,
        code: [codeOf(item)],
        definitionCanonical: canonicalReference("ActivityDefinition", publishing, item.id),
      })),
  };
}

function codeOf({ id, name, loinc, alsoLoinc }: Item): CodeableConcept {
  return {
    coding: [
      { system: systems.recognitionItem, code: id, display: name },
      ...[loinc, ...alsoLoinc].map((code) => ({ system: loincSystem, code })),
    ],
    text: name,
  };
}

function planType(code: string): CodeableConcept {
  return { coding: [{ system: "http://terminology.hl7.org/CodeSystem/plan-definition-type", code }] };
}

function applicability({ expression, text, id }: Condition): NonNullable<PlanDefinitionAction["condition"]>[number] {
  return { kind: "applicability", expression: { name: id, language: "text/fhirpath", expression, description: text } };
}

function windowExtension(window: Window): Extension {
  return {
    url: extensions.recognitionWindow,
    extension: [
      { url: "results", valueCode: window.results },
      ...(window.settings ?? []).map((valueCode) => ({ url: "setting", valueCode })),
      { url: "days", valuePositiveInt: window.days },
      { url: "anchor", valueCode: window.anchor },
      ...told(window),
    ],
  };
}

function basisExtension(basis: Basis): Extension {
  return {
    url: extensions.recognitionBasis,
    extension: [
      { url: "id", valueId: basis.id },
      ...basis.kinds.map((valueCode) => ({ url: "kind", valueCode })),
      ...basis.all.map((valueCode) => ({ url: "all", valueCode })),
      ...(basis.bands ?? []).map((band) => ({ url: "band", valueString: band.join(" ") })),
      ...told(basis),
    ],
  };
}

function told(entry: Window | Basis): Extension[] {
  return [
    { url: "source", valueString: sourceText(entry) },
    { url: "effective", valuePeriod: entryPeriod(entry) },
    { url: "provisional", valueBoolean: entry.provisional },
  ];
}
