import { createResultCounter } from "../adapters/hapi/count-results.ts";
import { asFault } from "../kernel/fault.ts";
import type { FiguresDeps } from "../ordering/figures/figures-deps.ts";
import { openFigures } from "../ordering/figures/run-figures.ts";
import type { Ports } from "./ports.ts";

/** How often it is looked whether today's counting is opened. The first look is that long after the start, so that a start is not slowed by it. */
const lookMs = 30 * 60_000;

/** What figures are made from, on the platform's store. */
export function figuresDeps(ports: Ports, recognitionData: FiguresDeps["recognitionData"]) {
  const countResults = createResultCounter(ports.hapi);
  const isHosted = (code: string) => ports.registry.institution(code)?.endpoint.kind === "hosted";
  return {
    ...ports,
    recognitionData,
    institutions: ports.registry.institutions,
    answerWindowMs: ports.config.RECOGNITION_ANSWER_HOURS * 3_600_000,
    // What an institution keeps on a server of its own is not counted here.
    countResults: async (wanted: Parameters<typeof countResults>[0]) =>
      isHosted(wanted.institution) ? await countResults(wanted) : 0,
  };
}

/** Opens each day's counting of the months that can still change, soon after the day of the region begins, until the returned function is called. */
export function startFigures(deps: ReturnType<typeof figuresDeps>): () => void {
  const look = () =>
    openFigures(deps).catch((error: unknown) => {
      deps.log.warn({ code: asFault(error).code }, "today's figures could not be opened; the next look follows");
    });
  const timer = setInterval(() => void look(), lookMs).unref();
  return () => clearInterval(timer);
}
