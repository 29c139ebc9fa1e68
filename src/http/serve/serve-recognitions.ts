import type { ParseOptions } from "../../identity/parse-identity-number.ts";
import type { CheckDeps } from "../../ordering/check-deps.ts";
import { checkRecognition } from "../../ordering/check-recognition.ts";
import type { UseCases } from "../use-cases.ts";
import { askerOf } from "./asker.ts";
import { residentOfKey } from "./resident-key.ts";

/** The check at the moment of ordering. */
export function serveRecognitions(
  deps: CheckDeps & { readonly parseOptions: () => ParseOptions },
): Pick<UseCases, "checkRecognition"> {
  return {
    async checkRecognition({ caller, check, signal }) {
      const resident = residentOfKey(check.resident, deps);
      if (typeof resident === "object") return resident;
      const { visit, orders, emergency } = check;
      const asked = {
        asker: askerOf(caller),
        resident,
        visit,
        orders,
        signal,
        ...(emergency === undefined ? {} : { emergency }),
      };
      return { kind: "checked", answer: await checkRecognition(deps, asked) };
    },
  };
}
