import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { InstitutionCode } from "../../src/kernel/brand.ts";
import { type Catalogue, catalogueOn } from "../../src/recognition/catalogue.ts";
import { type Certificate, type Certificates, indexCertificates } from "../../src/recognition/certificates.ts";
import { describeProblems, loadCatalogue } from "../../src/recognition/load-catalogue.ts";
import type { Policy } from "../../src/recognition/policy-schema.ts";
import type { Order, Party } from "../../src/recognition/rules/rule.ts";
import { versionAt } from "../../src/recognition/versions.ts";

/** Folder of the shipped policies, and of the cases with the institutions and plain results they speak of. */
export const policiesFolder = path.join(import.meta.dirname, "../../profiles/recognition");
export const casesFolder = path.join(import.meta.dirname, "../cases/recognition");

/** Where the regions of the cases keep their clock. */
export const instantOf = (clock: string): Date => new Date(`${clock.replace(" ", "T")}:00+08:00`);
const caseDay = instantOf("2026-11-22 10:00");

const loadedPolicies = new Map<string, ReturnType<typeof loadCatalogue>>();

/** The shipped policy of a region in force on a day; a mistake in it fails every test that asks for it. */
export async function policyOf(region: string, at: Date = caseDay): Promise<Policy> {
  const loading = loadedPolicies.get(region) ?? loadCatalogue(policiesFolder, region);
  loadedPolicies.set(region, loading);
  const loaded = await loading;
  if (loaded.kind === "wrong") throw new Error(describeProblems(loaded.problems));
  const policy = versionAt(loaded.versions, at);
  if (policy === undefined) throw new Error("no version of the policy is in force");
  return policy;
}

/** The policy of 临湖省 in force on the day of the cases. */
export const linhuPolicy = (): Promise<Policy> => policyOf("linhu");

/** The catalogue of 临湖省 on a day, with parts of its head replaced. */
export async function linhuCatalogue(at: Date, head: Partial<Policy["head"]> = {}): Promise<Catalogue> {
  const policy = await policyOf("linhu", at);
  return catalogueOn({ ...policy, head: { ...policy.head, ...head } }, at);
}

const yamlOf = (...parts: string[]): unknown => parse(readFileSync(path.join(casesFolder, ...parts), "utf8"));

const Institution = z
  .strictObject({
    code: z.string(),
    name: z.string(),
    province: z.string(),
    city: z.string().optional(),
    county: z.string().optional(),
    level: z.string().regex(/^(未定级|[一二三]级[甲乙丙]等)$/),
    ownership: z.enum(["public", "private"]).default("public"),
    alliances: z.array(z.string()).default([]),
  })
  .transform(({ code, province, city, county, level, ...rest }): Party => {
    const graded =
      level === "未定级" ? { ji: 9, deng: "未定" } : { ji: "零一二三".indexOf(level[0] ?? ""), deng: level[2] ?? "" };
    return { ...rest, code: code as InstitutionCode, region: { province, city, county }, level: graded };
  });
const parties = new Map(
  z
    .array(Institution)
    .parse(yamlOf("institutions.yaml"))
    .map((one) => [one.code as string, one]),
);

export const institutionOf = (code: string): Party | undefined => parties.get(code);

/** A certificate as a case describes it; what is not said is that of the region's plain one. */
export interface GivenCertificate {
  readonly id?: string;
  readonly laboratory?: string;
  readonly item?: string;
  readonly body?: string;
  readonly region?: string;
  readonly result?: Certificate["result"];
  readonly from?: string;
  readonly to?: string;
  readonly published?: string;
  readonly withdrawnFrom?: string;
}

/** A draft order as a case describes it. */
export interface GivenOrder {
  readonly item?: string;
  readonly institution?: string;
  readonly setting?: Order["setting"];
  readonly emergency?: boolean;
  readonly platform?: string;
  readonly department?: string;
  readonly campus?: string;
}

/** What a case of a region does not say: `plain.yaml` beside its cases. */
export interface Plain {
  readonly now: string;
  readonly order: GivenOrder;
  readonly result: Readonly<Record<string, string>>;
  readonly examination: Readonly<Record<string, string>>;
  readonly certificate: GivenCertificate;
}

/** The plain case of a region. */
export const plainOf = (region: string): Plain => yamlOf(region, "plain.yaml") as Plain;
const linhu = plainOf("linhu");

/** Certificates ready for the decision. */
export function certificatesOf(
  given: readonly GivenCertificate[],
  catalogue: Catalogue,
  ordered?: string,
  plain: Plain = linhu,
): Certificates {
  const item = ordered ?? plain.order.item;
  return indexCertificates(
    given.map((one, index) => {
      const { region = "", ...rest } = { id: `certificate-${index}`, item, ...plain.certificate, ...one };
      return { ...(rest as Omit<Certificate, "scope">), scope: catalogue.scopes.named(region) };
    }),
  );
}

/** A draft order of the plain institution. */
export function orderOf(given: GivenOrder, catalogue: Catalogue, plain: Plain = linhu): Order {
  const { item, institution, setting = "outpatient", emergency = false, ...known } = { ...plain.order, ...given };
  const [ordered, orderer] = [catalogue.items.get(item ?? ""), institutionOf(institution ?? "")];
  if (ordered === undefined || orderer === undefined)
    throw new Error(`a case orders ${item} at ${institution}: one of them does not exist`);
  return { item: ordered, institution: orderer, setting, emergency, ...known };
}
