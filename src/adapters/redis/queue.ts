import { Queue, Worker } from "bullmq";
import type { Log } from "../../kernel/log.ts";
import type { Scheduler } from "../../work/scheduler.ts";
import type { TaskKind } from "../../work/task.ts";
import type { RedisConnections } from "./connection.ts";

/** Job data is the Task's id and nothing else: Redis holds no person. */
interface TaskJob {
  readonly task: string;
}

/** The scheduling side of BullMQ, with the depth of each queue for readiness and metrics. */
export interface TaskQueues extends Scheduler {
  /** Jobs waiting or running, by kind. Throws when Redis is down. */
  depths(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

const queueName = (kind: TaskKind) => `hutong-${kind}`;

/** A queue for each of these kinds of Tasks. A job's id is its Task's id, and nothing is kept after it ran, so that the sweeper can queue it again. */
export function createTaskQueues(redis: RedisConnections, kinds: readonly TaskKind[], log: Log): TaskQueues {
  const queues = new Map<TaskKind, Queue>(
    kinds.map((kind) => [kind, new Queue(queueName(kind), { connection: redis.commands })]),
  );
  for (const queue of queues.values()) queue.on("error", () => {});
  return {
    async schedule(kind, taskId, priority) {
      const data: TaskJob = { task: taskId };
      try {
        // BullMQ would wait for a connection that never was, for ever; nobody waits for Redis.
        if (redis.commands.status !== "ready") throw new Error("no connection");
        await queues.get(kind)?.add(kind, data, { jobId: taskId, priority, removeOnComplete: true, removeOnFail: true });
      } catch {
        log.warn({ task: taskId, kind }, "the queue did not take a task; the sweeper will queue it");
      }
    },
    async depths() {
      const counts = [...queues].map(
        async ([kind, queue]) => [kind, await queue.getJobCountByTypes("waiting", "prioritized", "active", "delayed")] as const,
      );
      return Object.fromEntries(await Promise.all(counts));
    },
    async close() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/** Runs `run` for every queued Task of one kind, at most `concurrency` at once; a stop waits for those that run. */
export function createTaskWorker(
  redis: RedisConnections,
  options: { kind: TaskKind; concurrency: number; run: (taskId: string, signal: AbortSignal) => Promise<void>; log: Log },
): { close(): Promise<void> } {
  const stop = new AbortController();
  const worker = new Worker<TaskJob>(
    queueName(options.kind),
    async (job, _token, signal) =>
      options.run(job.data.task, AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])])),
    {
      connection: redis.blocking(),
      concurrency: options.concurrency,
      // Short, so that the jobs of a killed worker come back within seconds; a stalled job is retried, never failed for stalling once.
      lockDuration: 5_000,
      stalledInterval: 5_000,
      maxStalledCount: 5,
    },
  );
  worker.on("error", (error) =>
    options.log.debug({ kind: options.kind, code: (error as { code?: string }).code }, "worker lost its queue for a moment"),
  );
  return {
    async close() {
      stop.abort();
      await worker.close();
    },
  };
}
