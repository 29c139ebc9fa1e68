import type { Coding, ServiceRequest } from "@medplum/fhirtypes";
import type { Action, Suggestion } from "./card.ts";
import type { CardContext } from "./card-context.ts";
import { panelSuggestion, useSuggestion } from "./suggestion-uuid.ts";
import { oneLine, printedValue, takenAt } from "./text.ts";
import { candidatesOf, criticalIn, type Unit } from "./unit.ts";

/** Results offered for one order: the newest that count. */
const mostOffered = 3;
const longestLabel = 80;

/**
 * How the earlier results could be used: each takes the draft order out, and for a panel puts orders of the remaining members in its place. The doctor
 * takes one or none (国卫医发〔2022〕6号 第四条: 以接诊医师判断为标准); nothing is recommended where a result that counts was critical.
 */
export function suggestionsOf(unit: Unit, context: CardContext): readonly Suggestion[] {
  return unit.panel === undefined ? itemSuggestions(unit, context) : panelSuggestions(unit, unit.panel, context);
}

function itemSuggestions(unit: Unit, context: CardContext): readonly Suggestion[] {
  const critical = criticalIn(unit) !== undefined;
  return candidatesOf(unit)
    .slice(0, mostOffered)
    .map(({ reminder, line }, at): Suggestion => {
      const what = [line.sourceName, context.clock.day(takenAt(line)), printedValue(line)]
        .filter((part) => part !== "")
        .join(" ");
      return {
        label: oneLine(`互认并撤销本次开单：${unit.name} ${what}`, longestLabel),
        uuid: useSuggestion(context.uuidOf, reminder, line.evidence),
        ...(at === 0 && line.recognition === "must" && !critical ? { isRecommended: true } : {}),
        actions: [deletion(unit)],
      };
    });
}

/**
 * A panel is only spared as its policy advises. Where a member's earlier result was critical nothing is suggested, and nothing either where the
 * doctor's system has no code for one of the members that are left: leaving a member out in silence would split the order.
 */
function panelSuggestions(unit: Unit, panel: NonNullable<Unit["panel"]>, context: CardContext): readonly Suggestion[] {
  if (panel.advice === "none" || unit.band !== "must" || criticalIn(unit) !== undefined) return [];
  const left = panel.advice === "remaining" ? panel.remaining : [];
  const draft = context.drafts.get(unit.order);
  const created = left.flatMap(({ item, name }): Action[] => {
    const codings = codingsOf(item, draft, context);
    if (draft === undefined || codings.length === 0) return [];
    return [{ type: "create", description: oneLine(`新开${name}`), resource: orderOf(draft, codings, name) }];
  });
  if (created.length < left.length) return [];
  const label =
    left.length === 0
      ? `互认${panel.recognised.length}项并撤销${unit.name}`
      : `互认${panel.recognised.length}项，${unit.name}改为单开其余${left.length}项`;
  return [
    {
      label: oneLine(label, longestLabel),
      uuid: panelSuggestion(context.uuidOf, context.checkUuid, unit.order),
      isRecommended: true,
      actions: [deletion(unit), ...created],
    },
  ];
}

function deletion(unit: Unit): Action {
  return { type: "delete", description: oneLine(`撤销${unit.name}申请`), resourceId: `ServiceRequest/${unit.order}` };
}

/** The codes of an item in the systems the draft order itself is coded in: what the doctor's item table surely knows. */
function codingsOf(item: string, draft: ServiceRequest | undefined, { catalogue }: CardContext): Coding[] {
  const known = catalogue.items.get(item);
  if (known === undefined) return [];
  const systems = new Set((draft?.code?.coding ?? []).flatMap((coding) => coding.system ?? []));
  const codes = catalogue.orderCodesOf(known).map((text) => {
    const at = text.lastIndexOf("|");
    return { system: text.slice(0, at), code: text.slice(at + 1) };
  });
  // The first code of each system: LOINC has further ones for the same analyte, and an order names one.
  return [...systems].flatMap((system) => codes.find((one) => one.system === system) ?? []);
}

/** A new draft with what makes the old one this patient's, in this visit, by this doctor; nothing else of it is taken over. */
function orderOf(draft: ServiceRequest, coding: Coding[], name: string): ServiceRequest {
  const { subject, encounter, requester, category, priority } = draft;
  return {
    resourceType: "ServiceRequest",
    status: "draft",
    intent: "order",
    ...(category === undefined ? {} : { category }),
    ...(priority === undefined ? {} : { priority }),
    code: { coding: coding.map((one) => ({ ...one, display: name })), text: name },
    subject,
    ...(encounter === undefined ? {} : { encounter }),
    ...(requester === undefined ? {} : { requester }),
  };
}
