import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import type { Catalogue } from "../../src/recognition/catalogue.ts";
import { type Certificates, indexCertificates } from "../../src/recognition/certificates.ts";
import type { Item } from "../../src/recognition/policy-schema.ts";
import { type Prior, statusOf } from "../../src/recognition/prior.ts";
import { Mistake } from "../mapping/command.ts";
import type { Options } from "./options.ts";

/** The result the options describe. What they do not say is as in a plain one: final, in the item's own unit and specimen, two days old, of the identity number. */
export function imaginedPrior(options: Options, item: Item, { catalogue, now }: { catalogue: Catalogue; now: Date }): Prior {
  const source = (options.source ?? "a-provincial") as InstitutionCode;
  const laboratory = options.laboratory === "-" ? undefined : ((options.laboratory ?? source) as InstitutionCode);
  const at = options.at === undefined ? new Date(now.getTime() - 2 * 86_400_000) : clock(options.at, "at", catalogue);
  const lab = item.kind === "lab";
  const unit = options.unit ?? (item.kind === "lab" ? item.unit : undefined);
  return {
    source,
    linkBasis: options.link ?? "number",
    address: { tenant: source, type: lab ? "Observation" : "ImagingStudy", id: "h0" as ResourceId },
    version: "1",
    kind: item.kind,
    item: item.id,
    status: statusOf(options.status ?? "final"),
    laboratory,
    mark: options.mark,
    collectedAt: lab ? at : undefined,
    performedAt: lab ? undefined : at,
    reportedAt: options.reported === undefined ? at : clock(options.reported, "reported", catalogue),
    value: lab ? (options.value ?? "1") : undefined,
    unit,
    ucum: unit === undefined ? undefined : catalogue.unitOf(unit),
    referenceRange: undefined,
    specimen: options.specimen === undefined ? undefined : (catalogue.specimenOf(options.specimen) ?? "unknown"),
    method: options.method,
    platform: undefined,
    origin: undefined,
    critical: false,
    ...(item.kind === "imaging" ? { study: { ...item, images: true } } : {}),
  };
}

/** The one certificate the options describe, of who measured; none = the laboratory has no quality record. */
export function certificatesFor(options: Options, item: Item, catalogue: Catalogue): Certificates {
  if (options.certificate === undefined) return indexCertificates([]);
  const [region = "", from = "", to = "", result = "passed"] = options.certificate.split(",");
  const known = (["passed", "failed", "unpublished", "withdrawn"] as const).find((one) => one === result);
  const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text);
  if (known === undefined || !isDay(from) || !isDay(to))
    throw new Mistake("--certificate is REGION,FROM,TO[,RESULT], as in 临湖省,2026-01-01,2026-12-31,passed");
  const laboratory = options.laboratory ?? options.source ?? "a-provincial";
  const scope = catalogue.scopes.named(region);
  return indexCertificates([{ id: "imagined", laboratory, item: item.id, body: "", scope, result: known, from, to }]);
}

function clock(text: string, option: string, catalogue: Catalogue): Date {
  const { utcOffset } = catalogue.head;
  const at = catalogue.instantOf(/T\d\d:\d\d(:\d\d)?$/.test(text) ? `${text}${utcOffset}` : text);
  if (at === undefined) throw new Mistake(`--${option} is a day or an instant: 2026-11-20 or 2026-11-20T08:00`);
  return at;
}
