import { pause } from "../kernel/clock.ts";
import { asFault, type Fault } from "../kernel/fault.ts";

const betweenTriesMs = 200;

/**
 * Runs a write and returns the fault that its content is to blame for, or undefined when it succeeded. A store that answers with an internal error is
 * asked once more; when it fails again and yet takes other writes, the content is to blame, else it would be tried without end. Throws every other fault.
 */
export async function faultOfContent(
  deps: { readonly proveWritable: () => Promise<void> },
  write: () => Promise<void>,
): Promise<Fault | undefined> {
  for (let second = false; ; second = true) {
    try {
      await write();
      return undefined;
    } catch (error) {
      const fault = asFault(error);
      if (fault.code === "store-refused" || fault.code === "conflict" || fault.code === "too-large") return fault;
      if (!isInternalError(fault)) throw error;
      await deps.proveWritable();
      if (second) return fault;
      await pause(betweenTriesMs);
    }
  }
}

function isInternalError({ code, problems }: Fault): boolean {
  return code === "store-down" && problems.some(({ field, reason }) => field === "status" && reason === "500");
}
