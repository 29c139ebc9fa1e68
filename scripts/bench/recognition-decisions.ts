import path from "node:path";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { catalogueOn } from "../../src/recognition/catalogue.ts";
import { type Certificate, indexCertificates } from "../../src/recognition/certificates.ts";
import { decide } from "../../src/recognition/decide.ts";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import type { Prior } from "../../src/recognition/prior.ts";
import type { Party } from "../../src/recognition/rules/rule.ts";
import { versionAt } from "../../src/recognition/versions.ts";
import type { Figure } from "./figure.ts";

const now = new Date("2026-11-22T02:00:00Z");
const code = (name: string) => name as InstitutionCode;

/**
 * Recognition decisions (one earlier result against one order, every rule asked) per second of processor time, with the shipped policy of 临湖省 and 900
 * certificates; and of an item with a condition in FHIRPath over each result.
 */
export async function measureRecognitionDecisions(durationMs = 2_000): Promise<Figure[]> {
  const loaded = await loadCatalogue(path.join(import.meta.dirname, "../../profiles/recognition"), "linhu");
  if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
  const policy = versionAt(loaded.versions, now);
  if (policy === undefined) throw new Error("no version of the policy is in force");
  const catalogue = catalogueOn(policy, now);
  const institutions = new Map(Array.from({ length: 20 }, (_, n) => partyOf(n)).map((one) => [one.code as string, one]));
  const items = [...catalogue.items.keys()];
  const certificates = [...institutions.keys()].flatMap((laboratory) => items.map((id) => certificateFor(laboratory, id)));
  const institution = institutions.get("i-0");
  if (institution === undefined) throw new Error("the region has institutions");
  const orderOf = (id: string) => {
    const item = catalogue.items.get(id);
    if (item === undefined) throw new Error(`the policy has ${id}`);
    return { item, institution, setting: "outpatient", emergency: false } as const;
  };
  const grounds = {
    catalogue,
    certificates: indexCertificates(certificates),
    institutionOf: (one: string) => institutions.get(one),
    now,
  };
  const run = (forMs: number, item: string) => {
    const [order, priors] = [orderOf(item), Array.from({ length: 40 }, (_, n) => priorFor(n, item))];
    const start = process.cpuUsage();
    let decisions = 0;
    while (usedMs(start) < forMs) {
      for (let n = 0; n < 50; n++) {
        const { others, own } = decide(priors, order, grounds);
        if (!others.some((one) => one.recognition === "must")) throw new Error("the sample must be recognised");
        decisions += others.length + own.length;
      }
    }
    return decisions / (usedMs(start) / 1_000);
  };
  const measure = (name: string, item: string): Figure => {
    run(durationMs / 4, item);
    const value = run(durationMs, item);
    return { name, value, unit: "decisions/s", goal: ">= 50000", met: value >= 50_000 };
  };
  return [
    measure("recognition decision in process", "creatinine"),
    measure("recognition decision with a FHIRPath condition", "potassium"),
  ];
}

function usedMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

function partyOf(n: number): Party {
  return {
    code: code(`i-${n}`),
    name: `机构${n}`,
    region: { province: "临湖省", city: "临湖市", county: "苇塘县" },
    level: { ji: 2, deng: "甲" },
    ownership: "public",
    alliances: n % 5 === 0 ? ["alliance"] : [],
  };
}

function certificateFor(laboratory: string, item: string): Certificate {
  return {
    id: `${laboratory}-${item}`,
    laboratory,
    item,
    body: "省",
    scope: "linhu",
    result: "passed",
    from: "2026-01-01",
    to: "2026-12-31",
  };
}

function priorFor(n: number, item: string): Prior {
  const unit = item === "potassium" ? "mmol/L" : "umol/L";
  const at = new Date(now.getTime() - n * 86_400_000);
  const source = code(`i-${1 + (n % 19)}`);
  return {
    source,
    linkBasis: "number",
    address: { tenant: source, type: "Observation", id: `h${n}` as ResourceId },
    version: "1",
    kind: "lab",
    item,
    status: n % 7 === 0 ? "not-final" : "final",
    laboratory: source,
    mark: ["临湖省HR", "全国HR", "HR", undefined][n % 4],
    collectedAt: at,
    performedAt: undefined,
    reportedAt: at,
    value: "4.6",
    unit,
    ucum: unit,
    referenceRange: "3.5-5.3",
    specimen: n % 11 === 0 ? "urine" : "serum",
    method: undefined,
    platform: undefined,
    origin: undefined,
    critical: false,
    resource: { resourceType: "Observation", status: "final", code: { text: item }, note: [{ text: "空腹采血" }] },
  };
}
