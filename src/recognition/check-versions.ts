import type { Placed, PolicyProblem } from "./placed.ts";
import type { PolicyHead } from "./policy-schema.ts";

/** What the versions of a region say about each other: each names the region of its folder, and no two have one name or begin on one day. */
export function checkVersions(region: string, heads: readonly Placed<PolicyHead>[]): PolicyProblem[] {
  return heads.flatMap((head, index) => {
    const { entry, file, line } = head;
    const before = heads.slice(0, index);
    const named = before.find((one) => one.entry.version === entry.version);
    const begun = before.find((one) => one.entry.effective.from === entry.effective.from);
    return [
      ...(entry.region === region ? [] : [`the policy is of the region "${entry.region}", its folder of "${region}"`]),
      ...(named === undefined ? [] : [`the version "${entry.version}" stands already at ${named.file}:${named.line}`]),
      ...(begun === undefined
        ? []
        : [`a version that begins on ${entry.effective.from} stands already at ${begun.file}:${begun.line}`]),
    ].map((reason) => ({ file, line, reason }));
  });
}
