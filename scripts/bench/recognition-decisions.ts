import path from "node:path";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { catalogueOn } from "../../src/recognition/catalogue.ts";
import { type Certificate, indexCertificates } from "../../src/recognition/certificates.ts";
import { decide } from "../../src/recognition/decide.ts";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import type { Prior } from "../../src/recognition/prior.ts";
import type { Party } from "../../src/recognition/rules/rule.ts";
import type { Figure } from "./figure.ts";

const now = new Date("2026-11-22T02:00:00Z");
const code = (name: string) => name as InstitutionCode;

/** Recognition decisions (one earlier result against one order, every rule asked) per second of processor time, with the shipped policy of 临湖省 and 900 certificates. */
export async function measureRecognitionDecisions(durationMs = 2_000): Promise<Figure> {
  const loaded = await loadCatalogue(path.join(import.meta.dirname, "../../profiles/recognition"), "linhu");
  if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
  const catalogue = catalogueOn(loaded.policy, now);
  const item = catalogue.items.get("creatinine");
  if (item === undefined) throw new Error("the policy has creatinine");
  const institutions = new Map(Array.from({ length: 20 }, (_, n) => partyOf(n)).map((one) => [one.code as string, one]));
  const items = [...catalogue.items.keys()];
  const certificates = [...institutions.keys()].flatMap((laboratory) => items.map((id) => certificateFor(laboratory, id)));
  const institution = institutions.get("i-0");
  if (institution === undefined) throw new Error("the region has institutions");
  const order = { item, institution, setting: "outpatient", emergency: false } as const;
  const grounds = {
    catalogue,
    certificates: indexCertificates(certificates),
    institutionOf: (one: string) => institutions.get(one),
    now,
  };
  const priors = Array.from({ length: 40 }, (_, n) => priorFor(n));
  const run = (forMs: number) => {
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
  run(durationMs / 4);
  const value = run(durationMs);
  return { name: "recognition decision in process", value, unit: "decisions/s", goal: ">= 50000", met: value >= 50_000 };
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

function priorFor(n: number): Prior {
  const at = new Date(now.getTime() - n * 86_400_000);
  const source = code(`i-${1 + (n % 19)}`);
  return {
    source,
    linkBasis: "number",
    address: { tenant: source, type: "Observation", id: `h${n}` as ResourceId },
    version: "1",
    kind: "lab",
    item: "creatinine",
    status: n % 7 === 0 ? "not-final" : "final",
    laboratory: source,
    mark: ["临湖省HR", "全国HR", "HR", undefined][n % 4],
    collectedAt: at,
    performedAt: undefined,
    reportedAt: at,
    value: "86",
    unit: "umol/L",
    ucum: "umol/L",
    referenceRange: "57-111",
    specimen: n % 11 === 0 ? "urine" : "serum",
    method: undefined,
    platform: undefined,
    origin: undefined,
    critical: false,
  };
}
