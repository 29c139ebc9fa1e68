import type { Issue } from "../../fhir/issue.ts";
import type { ResourceAddress } from "../../fhir/reference.ts";
import type { ChangedResult, SheetChange } from "../../work/result-change.ts";
import type { ChaseDeps } from "./chase-deps.ts";
import { addressText, eventsThatShowed, placesIn } from "./find-places.ts";
import { type ChangedPlace, tellPlaces } from "./tell-places.ts";

/** Tells whoever was shown results of a sheet that changed, or the report or study through which they saw them, in a version before the change. */
export async function tellSheet(deps: ChaseDeps, sheet: SheetChange): Promise<void> {
  const { tenant, results, beside } = sheet;
  const address = (ref: string) => `${tenant}/${ref}`;
  const whole = whatChanged(deps, sheet);
  const until = new Map<string, { version?: string; change: string; how: ChangedResult["how"] }>([
    ...beside.map((one) => [address(one.ref), { ...one, ...whole }] as const),
    ...results.map((one) => [address(one.ref), { ...one, change: changeKey(deps, one.ref, one.issue) }] as const),
  ]);
  const events = await eventsThatShowed(deps.store, [...until.keys()]);
  const places = events.flatMap(placesIn).flatMap((place): ChangedPlace[] => {
    const told = until.get(addressText(place.address));
    const isOld = told !== undefined && (told.version === undefined || Number(place.version) <= Number(told.version));
    return isOld ? [{ ...place, change: told.change, how: told.how }] : [];
  });
  if (places.length === 0) return;
  const kind = places.every((place) => place.how === "voided") ? "voided" : "amended";
  await tellPlaces(deps, { about: headOf(sheet), kind, places });
}

/** What the change is to somebody who was shown the report: voided only when all of it is. */
function whatChanged(
  deps: ChaseDeps,
  { head, results }: SheetChange,
): Pick<ChangedPlace, "change"> & { how: ChangedResult["how"] } {
  const issues = results.map((one) => changeKey(deps, one.ref, one.issue)).sort();
  const headChange = results.find((one) => one.ref === head);
  return { change: deps.suite.computeId("change", ...issues), how: headChange?.how ?? "amended" };
}

function changeKey({ suite }: ChaseDeps, ref: string, issue: Issue): string {
  return suite.computeId("change", ref, JSON.stringify(issue));
}

function headOf({ tenant, head }: SheetChange): ResourceAddress {
  const [type, id] = head.split("/");
  return { tenant, type, id } as ResourceAddress;
}
