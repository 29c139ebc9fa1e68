import { type Catalogue, catalogueOn } from "../../src/recognition/catalogue.ts";
import { type Decision, decide, type Grounds, type Recognition } from "../../src/recognition/decide.ts";
import type { Policy } from "../../src/recognition/policy-schema.ts";
import { type GivenResult, priorOf } from "./described-results.ts";
import { type Made, now } from "./generated.ts";
import {
  certificatesOf,
  type GivenCertificate,
  type GivenOrder,
  institutionOf,
  orderOf,
  type Plain,
  plainOf,
  policyOf,
} from "./laboratory.ts";

/** What a law may change of a story: the policy's words, the instant. */
export interface Told {
  readonly rules?: Catalogue;
  readonly at?: Date;
}

/** Decides generated stories by the shipped policy of their region. */
export interface Judge {
  readonly policy: Policy;
  readonly catalogue: Catalogue;
  readonly plain: Plain;
  grounds(list: readonly GivenCertificate[], item: string | undefined, told?: Told): Grounds;
  decideAll(given: readonly GivenResult[], order: GivenOrder, list: readonly GivenCertificate[], told?: Told): Decision;
  /** The decision on one result for an order of its item, whoever's it is. */
  lineOf(given: GivenResult, order: GivenOrder, list: readonly GivenCertificate[], told?: Told): Recognition | undefined;
}

/** Makes the judge of a region's stories. */
export async function judgeOf({ region }: Made): Promise<Judge> {
  const policy = await policyOf(region, now);
  const [catalogue, plain] = [catalogueOn(policy, now), plainOf(region)];
  const grounds: Judge["grounds"] = (list, item, { rules = catalogue, at = now } = {}) => ({
    catalogue: rules,
    certificates: certificatesOf(list, rules, item, plain),
    institutionOf,
    now: at,
  });
  const decideAll: Judge["decideAll"] = (given, order, list, told = {}) => {
    const { rules = catalogue } = told;
    const priors = given.map((each) => priorOf(each, rules, plain));
    return decide(priors, orderOf(order, rules, plain), grounds(list, order.item, told));
  };
  return {
    policy,
    catalogue,
    plain,
    grounds,
    decideAll,
    lineOf(given, order, list, told) {
      const { others, own } = decideAll([given], orderFor(given, order), list, told);
      return others[0] ?? own[0];
    },
  };
}

/** The order for the item of a result. */
export function orderFor(given: GivenResult, order: GivenOrder): GivenOrder {
  return { ...order, ...(given.item === undefined ? {} : { item: given.item }) };
}

/** How far a result gets: the more, the more eligible. */
export function rankOf(line: Recognition | undefined): number {
  return line === undefined ? -1 : { ineligible: 0, may: 1, must: 2 }[line.recognition];
}
