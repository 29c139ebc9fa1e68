import type { CodeSystem, ConceptMap, ValueSet, ValueSetComposeIncludeConcept } from "@medplum/fhirtypes";
import { systems } from "../../fhir/systems.ts";
import { declineReasonSystem } from "../decline-reason-system.ts";
import { loincSystem } from "../loinc.ts";
import type { Item } from "../policy-schema.ts";
import { canonical, type Publishing, sourceText } from "./canonical.ts";

/** Codes of a policy: its items and panels (a part of the system all regions share), and its reasons to examine again. */
export function publishCodeSystems(publishing: Publishing): CodeSystem[] {
  const { entries, policy } = publishing;
  const { name, region, version } = policy.head;
  const items = entries.items.map(({ id, name: display, ...entry }) => ({ code: id, display, definition: sourceText(entry) }));
  const panels = entries.panels.map(({ id, name: display, ...entry }) => ({
    code: id,
    display,
    definition: sourceText(entry),
  }));
  const common = { resourceType: "CodeSystem", caseSensitive: true } as const;
  return [
    {
      ...common,
      ...canonical("CodeSystem", publishing, { name: "items", title: `${name}：项目` }),
      url: systems.recognitionItem,
      version: `${region}-${version}`,
      content: "fragment",
      concept: [...items, ...panels],
    },
    {
      ...common,
      ...canonical("CodeSystem", publishing, { name: "decline-reasons", title: `${name}：不予互认的理由` }),
      url: declineReasonSystem(region),
      content: "complete",
      concept: entries.declineReasons.map(({ code, label, text }) => ({ code, display: label, definition: text })),
    },
  ];
}

/** What may be recognised, by kind; each panel's members; the reasons in use. */
export function publishValueSets(publishing: Publishing): ValueSet[] {
  const { entries, policy } = publishing;
  const { region, reasonsInUse, name } = policy.head;
  const excluded = new Set(entries.notRecognisable.flatMap((one) => one.item ?? []));
  const ofKind = (kind: Item["kind"]) => entries.items.filter((item) => item.kind === kind && !excluded.has(item.id));
  const concepts = (items: readonly { id: string; name: string }[]) =>
    items.map(({ id, name: display }) => ({ code: id, display }));
  const set = (
    id: string,
    title: string,
    concept: ValueSetComposeIncludeConcept[],
    system: string = systems.recognitionItem,
  ) =>
    concept.length === 0
      ? []
      : [
          {
            resourceType: "ValueSet" as const,
            ...canonical("ValueSet", publishing, { name: id, title: `${name}：${title}` }),
            compose: { include: [{ system, concept }] },
          },
        ];
  const reasons = reasonsInUse.flatMap((code) => entries.declineReasons.find((one) => one.code === code) ?? []);
  return [
    ...set("lab-items", "可互认的检验项目", concepts(ofKind("lab"))),
    ...set("imaging-items", "可互认的检查项目", concepts(ofKind("imaging"))),
    ...entries.panels.flatMap((panel) =>
      set(`panel-${panel.id}`, panel.name, concepts(entries.items.filter((item) => panel.members.includes(item.id)))),
    ),
    ...set(
      "decline-reasons-in-use",
      "在用的不予互认理由",
      reasons.map(({ code, label }) => ({ code, display: label })),
      declineReasonSystem(region),
    ),
  ];
}

/** From the codes institutions order by to the items and panels they mean, and from items to LOINC. */
export function publishConceptMaps(publishing: Publishing): ConceptMap[] {
  const { entries, policy } = publishing;
  const target = systems.recognitionItem;
  const local = Map.groupBy(entries.localCodes, (entry) => entry.system);
  const loinc = [...entries.items, ...entries.panels].flatMap(({ id, loinc: main, alsoLoinc }) => {
    const also = alsoLoinc.map((code) => ({ code, equivalence: "relatedto" as const }));
    return main === undefined ? [] : [{ code: id, target: [{ code: main, equivalence: "equivalent" as const }, ...also] }];
  });
  const common = (name: string, title: string) => ({
    resourceType: "ConceptMap" as const,
    ...canonical("ConceptMap", publishing, { name, title: `${policy.head.name}：${title}` }),
  });
  return [
    ...(local.size === 0
      ? []
      : [
          {
            ...common("local-codes", "各机构项目代码对照"),
            group: [...local].map(([source, codes]) => ({
              source,
              target,
              element: codes.map(({ code, item, panel }) => ({
                code,
                target: [{ code: item ?? panel ?? "", equivalence: "equivalent" as const }],
              })),
            })),
          },
        ]),
    { ...common("loinc", "LOINC 对照"), group: [{ source: target, target: loincSystem, element: loinc }] },
  ];
}
