/** A hook this hub answers. */
export type HookName = "patient-view" | "order-select" | "order-sign";

/** A CDS service as discovery tells it (CDS Hooks 2.0, "Discovery"). */
export interface CdsService {
  readonly hook: HookName;
  readonly title: string;
  readonly description: string;
  readonly id: string;
  readonly prefetch: Readonly<Record<string, string>>;
  readonly usageRequirements: string;
}

/**
 * What a check needs of the doctor's system, and no more: whom (by identity number), in which visit, and who asks. Read interactions with tokens of the context,
 * as 2.0 has them ("Prefetch tokens"); FHIRPath and `today()` came with 3.0.
 */
const prefetch = {
  patient: "Patient/{{context.patientId}}",
  encounter: "Encounter/{{context.encounterId}}",
  user: "{{context.userId}}",
} as const;

const usageRequirements =
  "Requires the prefetch key patient, with a resident identity number as identifier (system urn:oid:2.16.156.10011.1.3); without it the answer is 412. " +
  "encounter tells the visit, to which a resident's consent may be bound, and the setting. user names the practitioner for the report viewer. " +
  "The client's FHIR server is never called.";

const orderService = {
  title: "检查检验结果互认",
  description:
    "开单时逐项查对患者在区域内其他机构的检查检验结果：应互认的提示互认，可参考的予以说明，不互认须选择原因；由接诊医师决定。",
  id: "recognition",
  prefetch,
  usageRequirements,
} as const;

/** Every service; `order-select` and `order-sign` share one id, so that the cards of the later hook take the place of the earlier one's ("Update stale guidance"). */
export const cdsServices: readonly CdsService[] = [
  {
    hook: "patient-view",
    title: "可互认检查检验结果一览",
    description: "接诊时提示患者在区域内其他机构近期已有的检查检验结果，经患者授权后列出。",
    id: "recognition-history",
    prefetch,
    usageRequirements,
  },
  { hook: "order-select", ...orderService },
  { hook: "order-sign", ...orderService },
];
