import type { TaskKind } from "./task.ts";

/** Priorities of the queue; every job has one, since a job without any would beat them all. */
export const priorities = { emergency: 1, clinic: 10, batch: 100 } as const;

/** Port to the queue. It only schedules: what it forgets, the sweeper brings back. */
export interface Scheduler {
  /** Queues a Task unless it is queued already. Never throws: when the queue is down, the sweeper queues it later. */
  schedule(kind: TaskKind, taskId: string, priority: number): Promise<void>;
}
