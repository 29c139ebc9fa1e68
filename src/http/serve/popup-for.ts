import type { CheckedVisit, DraftOrder } from "../../ordering/check/check.ts";
import type { Caller } from "../caller.ts";
import type { UseCases } from "../use-cases.ts";
import type { ReadHook } from "./read-hook.ts";

/** Whom and what the pop-up is about. */
interface Asked {
  readonly number: string;
  readonly name: string | undefined;
  readonly visit: CheckedVisit | undefined;
  readonly hook: Pick<ReadHook, "requests">;
}

const mostNameLength = 100;

/** A one-time link to the pop-up with these orders, for the practitioner of the hook. No link is no reason to keep the cards back: then there is none. */
export function popupFor(
  makeLink: UseCases["makeLink"],
  caller: Caller,
  { number, name, visit, hook }: Asked,
): (orders: readonly DraftOrder[]) => Promise<string | undefined> {
  return async (orders) => {
    const names = hook.requests.flatMap(({ id, code }) => {
      const words = (code?.text ?? code?.coding?.[0]?.display ?? "").replace(/\p{Cc}/gu, "").trim();
      return id === undefined || words === "" ? [] : [[id, words.slice(0, mostNameLength)] as const];
    });
    const patient = name?.replace(/\p{Cc}/gu, "").trim() ?? "";
    const check = { resident: { identityNumber: number }, orders, ...(visit === undefined ? {} : { visit }) };
    try {
      const made = await makeLink({
        caller,
        page: {
          page: "popup",
          check,
          names: Object.fromEntries(names),
          ...(patient === "" || patient.length > 60 ? {} : { patient }),
        },
      });
      return made.kind === "made" ? made.link.url : undefined;
    } catch {
      return undefined;
    }
  };
}
