import type { Extension, Resource } from "@medplum/fhirtypes";
import { withExtensions } from "./extend.ts";
import { extensions } from "./systems.ts";

/** Whether a row says the thing is there, takes it back, or is only known from an earlier issue of its sheet. */
export type IssueState = "present" | "retracted" | "vanished";

/** Which issue of its sheet a stored resource comes from. Two of these, compared, say which one is current. */
export interface Issue {
  /** Sortable value of the mapping's `order` columns; "" sorts first. */
  readonly order: string;
  /** Keyed digest of the source row, taken before references are resolved. */
  readonly digest: string;
  readonly state: IssueState;
  /** What the row itself said, where its sheet decided otherwise (vanished, or withdrawn with the whole sheet) and `state` alone would not tell. */
  readonly own?: "present" | "retracted";
  /** Version of the mapping that made it, absent = 1: of two makings of one row the newer mapping's counts. */
  readonly generation?: number;
}

/** The issue as the row itself told it, whatever its sheet made of it: what two deliveries of one row are compared by. */
export function ownIssue(issue: Issue): Issue {
  const state = issue.own ?? (issue.state === "vanished" ? "present" : issue.state);
  const { own: _, ...rest } = issue;
  return { ...rest, state };
}

const rank: Record<IssueState, number> = { vanished: 0, present: 1, retracted: 2 };

/** Positive when `a` is the later issue: order first; at equal order retracted > present > vanished; then the greater digest, then the newer mapping. 0 = the same. */
export function compareIssues(a: Issue, b: Issue): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  if (a.state !== b.state) return rank[a.state] - rank[b.state];
  if (a.digest !== b.digest) return a.digest < b.digest ? -1 : 1;
  return (a.generation ?? 1) - (b.generation ?? 1);
}

/** The issue written on a stored resource; undefined on a stub and on resources that are no row of an export. */
export function issueOf(resource: Resource): Issue | undefined {
  const extension = extensionOf(resource, extensions.issue);
  const part = (name: string) => extension?.extension?.find((inner) => inner.url === name)?.valueString;
  const digest = part("digest");
  const state = part("state") as IssueState | undefined;
  const own = part("own") as Issue["own"];
  if (digest === undefined || state === undefined) return undefined;
  const generation = extension?.extension?.find((inner) => inner.url === "generation")?.valuePositiveInt;
  return {
    order: part("order") ?? "",
    digest,
    state,
    ...(own === undefined ? {} : { own }),
    ...(generation === undefined ? {} : { generation }),
  };
}

/** The same resource with its issue written on it (an earlier one replaced). */
export function withIssue<T extends Resource>(resource: T, issue: Issue): T {
  const inner: Extension[] = [
    ...(issue.order === "" ? [] : [{ url: "order", valueString: issue.order }]),
    { url: "digest", valueString: issue.digest },
    { url: "state", valueString: issue.state },
    ...(issue.own === undefined ? [] : [{ url: "own", valueString: issue.own }]),
    ...((issue.generation ?? 1) === 1 ? [] : [{ url: "generation", valuePositiveInt: issue.generation as number }]),
  ];
  return withExtensions(resource, extensions.issue, [{ url: extensions.issue, extension: inner }]);
}

/** First extension of a resource with this address. */
export function extensionOf(resource: Resource | undefined, url: string): Extension | undefined {
  return (resource as { extension?: Extension[] } | undefined)?.extension?.find((one) => one.url === url);
}
