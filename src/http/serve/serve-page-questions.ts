import type { Resource } from "@medplum/fhirtypes";
import type { ResourceId } from "../../kernel/brand.ts";
import type { Now } from "../../kernel/clock.ts";
import type { CheckDeps } from "../../ordering/check/check-deps.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import { explain } from "../../recognition/explain.ts";
import type { Item } from "../../recognition/policy-schema.ts";
import type { Prior } from "../../recognition/prior.ts";
import type { Party } from "../../recognition/rules/rule.ts";
import type { Explained, ExplanationRequest } from "../contract/explanation.ts";
import type { UseCases, Wrong } from "../use-cases.ts";

/** What the staff pages rest on: the policy, the certificates, and who takes part. */
interface StaffDeps extends Pick<CheckDeps, "recognitionData"> {
  readonly institutions: readonly Party[];
  readonly now: Now;
}

/** What the pages ask beside the public API: the reasons in use, who takes part, and a decision explained rule by rule. */
export function servePageQuestions(deps: StaffDeps): Pick<UseCases, "declineReasons" | "listInstitutions" | "explainDecision"> {
  const institutionOf = (code: string) => deps.institutions.find((one) => one.code === code);
  return {
    async declineReasons() {
      const { catalogue } = await deps.recognitionData();
      return catalogue.declineReasons;
    },
    async listInstitutions() {
      return deps.institutions.map(({ code, name, level, region }) => {
        const place = [region.province, region.city, region.county].filter((part) => part !== undefined).join("");
        return { code, name, ji: level.ji, deng: level.deng, place };
      });
    },
    async explainDecision({ caller, facts }) {
      const { catalogue, certificates } = await deps.recognitionData();
      const item = catalogue.items.get(facts.item);
      if (item === undefined) return wrong("item", "is not in the catalogue");
      const institution = institutionOf(caller.institution ?? facts.institution ?? "");
      if (institution === undefined) return wrong("institution", "is no institution of the region");
      const source = institutionOf(facts.prior.source);
      if (source === undefined) return wrong("prior.source", "is no institution of the region");
      const laboratory = institutionOf(facts.prior.laboratory ?? "");
      const { setting } = facts;
      const order = { item, institution, setting, emergency: setting === "emergency" };
      const grounds = { catalogue, certificates, institutionOf, now: deps.now() };
      const explained = explain(
        { ...priorOf(facts.prior, item, catalogue), ...measuredBy(source, laboratory) },
        order,
        grounds,
      );
      return { kind: "explained", explanation: presented(explained, item, catalogue) };
    },
  };
}

function wrong(field: string, reason: string): Wrong {
  return { kind: "wrong", problems: [{ field, reason }] };
}

/** The imagined result in the words the decision knows. It has the order's item: what is asked is how such a result counts. */
function priorOf(
  told: ExplanationRequest["prior"],
  item: Item,
  catalogue: Catalogue,
): Omit<Prior, "source" | "address" | "laboratory"> {
  const at = catalogue.instantOf(told.at);
  const { unit, specimen } = told;
  const study = item.kind === "imaging" ? { study: { ...item, images: told.images ?? true } } : {};
  return {
    linkBasis: told.link,
    version: "",
    kind: item.kind,
    item: item.id,
    status: told.status,
    mark: told.mark,
    collectedAt: item.kind === "lab" ? at : undefined,
    performedAt: item.kind === "imaging" ? at : undefined,
    reportedAt: catalogue.instantOf(told.reportedAt) ?? at,
    value: item.kind === "lab" ? "1" : undefined,
    unit,
    ucum: unit === undefined ? undefined : catalogue.unitOf(unit),
    referenceRange: undefined,
    specimen: specimen === undefined ? undefined : (catalogue.specimenOf(specimen) ?? "unknown"),
    method: told.method,
    platform: told.platform,
    origin: told.origin,
    critical: false,
    resource: resourceOf(item),
    ...study,
  };
}

/** What a condition of the region looks into: nothing is noted on an imagined result. */
function resourceOf(item: Item): Resource {
  const code = { coding: [{ system: "http://loinc.org", code: item.loinc }], text: item.name };
  return item.kind === "lab"
    ? { resourceType: "Observation", status: "final", code }
    : { resourceType: "DiagnosticReport", status: "final", code };
}

function measuredBy(source: Party, laboratory: Party | undefined): Pick<Prior, "source" | "address" | "laboratory"> {
  const address = { tenant: source.code, type: "Observation", id: "imagined" as ResourceId } as const;
  return { source: source.code, laboratory: laboratory?.code, address };
}

function presented(explained: ReturnType<typeof explain>, item: Item, catalogue: Catalogue): Explained {
  const { recognition, rules } = explained;
  const { daysLeft, cover } = recognition ?? {};
  return {
    item: item.id,
    itemName: item.name,
    policy: catalogue.version,
    ...(recognition === undefined ? {} : { recognition: recognition.recognition }),
    ...(daysLeft === undefined ? {} : { daysLeft }),
    ...(cover === undefined ? {} : { basis: cover.basis }),
    ...(cover?.certificate === undefined ? {} : { certificate: cover.certificate }),
    rules: rules.map(({ causes, ...rule }) => ({
      ...rule,
      causes: causes.map(({ code, facts }) => ({ code, text: catalogue.textOf(code, facts) })),
    })),
  };
}
