import { describe, expect, it } from "@jest/globals";
import { type Catalogue, catalogueOn } from "../../src/recognition/catalogue.ts";
import { type Decision, decide, type Recognition } from "../../src/recognition/decide.ts";
import { advisePanel } from "../../src/recognition/panel.ts";
import type { Policy } from "../../src/recognition/policy-schema.ts";
import type { Prior } from "../../src/recognition/prior.ts";
import { rules } from "../../src/recognition/rules/all.ts";
import { type Case, caseFiles, subjects } from "./described-case.ts";
import { type GivenExamination, type GivenResult, priorOf } from "./described-results.ts";
import {
  certificatesOf,
  type GivenCertificate,
  type GivenOrder,
  instantOf,
  institutionOf,
  orderOf,
  plainOf,
  policyOf,
} from "./laboratory.ts";

/** What a case sets up, decided. */
interface Decided {
  readonly catalogue: Catalogue;
  /** By item: one for an order of an item, one for each member of a panel. */
  readonly decisions: ReadonlyMap<string, Decision>;
}

async function decideCase(region: string, given: Case): Promise<Decided> {
  const plain = plainOf(region);
  const now = instantOf(given.now ?? plain.now);
  const policy = await policyOf(region, now);
  const catalogue = catalogueOn({ ...policy, head: { ...policy.head, ...(given.policy as Partial<Policy["head"]>) } }, now);
  const { panel, ...order } = given.order;
  const results = (given.results ?? (given.expect.recognition === undefined ? [] : [given.result ?? {}])) as readonly (
    | GivenResult
    | GivenExamination
  )[];
  const [first = {}] = results;
  const ordered = order.item ?? ("examination" in first ? first.examination : first.item) ?? plain.order.item ?? "";
  const members = panel === undefined ? [ordered] : (catalogue.panels.get(panel)?.members ?? []);
  const priors = results.map((one, index): Prior => priorOf({ id: `h${index + 1}`, ...one }, catalogue, plain));
  const decisions = members.map((item) => {
    const certificates = certificatesOf(given.certificates as GivenCertificate[], catalogue, item, plain);
    const silent = given.silent.map((source) => ({ source: source as Prior["source"], cause: "source-failed" as const }));
    const grounds = { catalogue, certificates, institutionOf, now };
    return [item, decide(priors, orderOf({ ...(order as GivenOrder), item }, catalogue, plain), grounds, silent)] as const;
  });
  return { catalogue, decisions: new Map(decisions) };
}

const told = (one: Recognition | undefined, kept: (effect: string) => boolean) =>
  (one?.reasons ?? []).filter((reason) => kept(reason.effect)).map((reason) => reason.code);

/** What came out, as far as the case says what it expects; causes are always told in full. */
function outcomeOf({ decisions, catalogue }: Decided, given: Case): Case["expect"] {
  const [decision] = decisions.values();
  const [own] = decision?.own ?? [];
  const found = own ?? decision?.others[0];
  const panel = given.order.panel === undefined ? undefined : catalogue.panels.get(given.order.panel);
  const all: Required<Omit<Case["expect"], "advice" | "recognised" | "remaining">> = {
    recognition: own === undefined ? (found?.recognition ?? "none") : "own",
    causes: told(found, (effect) => effect !== "note").sort(),
    notes: told(found, (effect) => effect === "note"),
    daysLeft: found?.daysLeft as number,
    basis: found?.cover?.basis as string,
    certificate: found?.cover?.state as "valid",
    flagged: found?.unsupportedMark?.state ?? "none",
    others: (decision?.others ?? []).map((one) => one.recognition),
    own: (decision?.own ?? []).map((one) => one.recognition),
    unknown: (decision?.unknown ?? []).map((one) => one.source),
  };
  const whole = { ...all, ...(panel === undefined ? {} : advisePanel(panel, decisions)) };
  const wanted = new Set([...Object.keys(given.expect), ...(given.expect.recognition === undefined ? [] : ["causes"])]);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => wanted.has(name))) as Case["expect"];
}

describe.each(caseFiles)("$region/$file", ({ region, cases }) => {
  it.each(cases.map((one) => [one.said, one] as const))("%s", async (_said, given) => {
    const causes = given.expect.recognition === undefined ? {} : { causes: [...(given.expect.causes ?? [])].sort() };
    expect(outcomeOf(await decideCase(region, given), given)).toEqual({ ...given.expect, ...causes });
  });
});

describe("the cases as a whole", () => {
  const all = caseFiles.flatMap(({ region, cases }) => cases.map((one) => ({ region, ...one })));
  it("are at least 120, over two regions, and no two say the same", () => {
    expect(all.length).toBeGreaterThanOrEqual(120);
    expect(new Set(all.map((one) => one.region)).size).toBeGreaterThanOrEqual(2);
    expect(new Set(all.map((one) => `${one.region} ${one.said}`)).size).toBe(all.length);
  });

  it.each(["linhu", "hubei"])("of %s ask every rule, and everything a decision does beside them", (region) => {
    const asked = new Set(all.filter((one) => one.region === region).map((one) => one.rule));
    expect(subjects.filter((id) => !asked.has(id))).toEqual([]);
  });

  it("expect every cause a rule can give, in one region or the other", () => {
    // No shipped region publishes lists, leaves a kind without a basis, or asks what a result cannot tell: bases.test and conditions-rule.test do.
    const elsewhere = ["list-not-naming", "no-basis", "condition-not-told"];
    const expected = new Set([...all.flatMap((one) => one.expect.causes ?? []), ...elsewhere]);
    const possible = [...rules.values()].flatMap((rule) => rule.causes);
    expect(possible.filter((cause) => !expected.has(cause))).toEqual([]);
  });

  it("are about their rule: what is expected is one of its causes, or that it holds", () => {
    const strays = all.filter(({ rule, expect: { causes = [] } }) => {
      const own = rules.get(rule)?.causes ?? causes;
      return causes.length > 0 && !causes.some((cause) => own.includes(cause));
    });
    expect(strays.map((one) => one.said)).toEqual([]);
  });
});

describe("every case cites a clause that its region's policy states on its day", () => {
  it.each(caseFiles)("$region/$file", async ({ region, cases }) => {
    const plain = plainOf(region);
    const unknown: string[] = [];
    for (const { said, clause: cited, now = plain.now } of cases) {
      const { entries } = await policyOf(region, instantOf(now));
      const [document = "", article = ""] = cited.split(" ");
      const states = Object.values(entries).some((section: readonly { readonly source: string; readonly clause: string }[]) =>
        section.some(({ source, clause }) => source.includes(document) && clause.includes(article)),
      );
      if (!states) unknown.push(`${said}: ${cited}`);
    }
    expect(unknown).toEqual([]);
  });
});
