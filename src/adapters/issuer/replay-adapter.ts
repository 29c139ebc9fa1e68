import { type Adapter, type AdapterFactory, errors } from "oidc-provider";
import { remembered } from "./assertion-rules.ts";
import type { ReplayStore } from "./replay-store.ts";

/**
 * What the provider keeps: used assertions, and nothing else, since access tokens are signed and there are no sessions. "Seen before?" and
 * "remember it" are one step here (the provider asks first and writes later, which lets two equal requests through).
 */
export function createReplayAdapter(replays: ReplayStore): AdapterFactory {
  return (model) => {
    const nothing = async () => undefined;
    const unused = async () => {
      throw new errors.InvalidRequest(`${model} is not offered`);
    };
    const remember: Adapter["upsert"] = async (id, _payload, seconds = 600) => {
      if (!(await remembered(() => replays.firstUse(id, seconds))))
        throw new errors.InvalidClientAuth("the assertion was used before");
    };
    return {
      upsert: model === "ReplayDetection" ? remember : unused,
      find: nothing,
      findByUid: nothing,
      findByUserCode: nothing,
      consume: unused,
      destroy: unused,
      revokeByGrantId: unused,
    };
  };
}
