import { asFault } from "../kernel/fault.ts";
import type { Log } from "../kernel/log.ts";
import type { TaskKind } from "../work/task.ts";

/** Does the work of one Task; it claims, works and closes. Throws a Fault when the world failed. */
export type TaskHandler = (taskId: string, signal: AbortSignal) => Promise<void>;

/** What running a job needs: a handler per kind, and somebody to count outcomes. */
export interface JobDeps {
  readonly handlers: Partial<Record<TaskKind, TaskHandler>>;
  readonly log: Log;
  readonly count: (kind: TaskKind, outcome: "done" | "lost" | "failed") => void;
}

/**
 * The job wrapper, one of the two places that catch everything. It never retries by itself: a Task still open is queued again by the
 * sweeper, and the Task counts its own attempts, whatever Redis remembers.
 */
export function createJobRunner(deps: JobDeps): (kind: TaskKind, taskId: string, signal: AbortSignal) => Promise<void> {
  return async (kind, taskId, signal) => {
    const handler = deps.handlers[kind];
    if (handler === undefined) return;
    try {
      await handler(taskId, signal);
      deps.count(kind, "done");
    } catch (error) {
      const fault = asFault(error);
      if (fault.code === "work-lost") {
        deps.count(kind, "lost");
        deps.log.info({ task: taskId, kind }, "another worker took the task over");
        return;
      }
      deps.count(kind, "failed");
      deps.log[fault.traits.level](
        { task: taskId, kind, code: fault.code, cause: describe(fault.cause) },
        "a task's attempt failed; the sweeper will queue it again",
      );
    }
  };
}

/** Where a cause came from, without its message, which could hold a value. */
function describe(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const place = cause.stack?.split("\n").find((line) => line.trimStart().startsWith("at "));
  return `${cause.name} ${place?.trim() ?? ""}`;
}
