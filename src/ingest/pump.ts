/** Something to be done that writes `keys` and needs them, or those of others, to be stored before. */
interface Job {
  readonly writes: readonly string[];
  readonly needs: readonly string[];
  run(): Promise<void>;
}

/** Runs jobs side by side, but never two that write the same key, nor one before an earlier one that writes what it needs. */
export interface Pump {
  /** Takes a job; resolves when there is room for the next one. Throws what an earlier job threw. */
  push(job: Job): Promise<void>;
  /** Resolves when all are done. Throws what the first failed one threw, after the running ones have ended. */
  drain(): Promise<void>;
}

interface Running {
  readonly job: Job;
  readonly done: Promise<void>;
}

/** `inFlight` jobs run at once; as many again may wait prepared, so that preparing overlaps with waiting for the store. */
export function createPump(inFlight: number): Pump {
  const lastWriter = new Map<string, Running>();
  const unfinished = new Set<Running>();
  const turns: (() => void)[] = [];
  const room: (() => void)[] = [];
  let running = 0;
  let failure: { readonly error: unknown } | undefined;

  const turn = async () => {
    if (running >= inFlight) return new Promise<void>((resolve) => turns.push(resolve));
    running++;
  };
  // A freed slot is handed to the next in line, so nobody slips in between.
  const release = () => {
    const next = turns.shift();
    if (next === undefined) running--;
    else next();
  };
  async function start(job: Job, after: readonly Running[]): Promise<void> {
    for (const earlier of after) await earlier.done;
    await turn();
    try {
      if (failure === undefined) await job.run();
    } catch (error) {
      failure ??= { error };
    } finally {
      release();
    }
  }
  const finish = (entry: Running) => {
    unfinished.delete(entry);
    for (const key of entry.job.writes) if (lastWriter.get(key) === entry) lastWriter.delete(key);
    room.shift()?.();
  };
  const throwFailure = () => {
    if (failure !== undefined) throw failure.error;
  };

  return {
    async push(job) {
      throwFailure();
      const after = new Set<Running>();
      for (const key of [...job.writes, ...job.needs]) {
        const writer = lastWriter.get(key);
        if (writer !== undefined) after.add(writer);
      }
      const entry: Running = { job, done: start(job, [...after]) };
      unfinished.add(entry);
      for (const key of job.writes) lastWriter.set(key, entry);
      void entry.done.then(() => finish(entry));
      while (unfinished.size >= 2 * inFlight && failure === undefined) await new Promise<void>((resolve) => room.push(resolve));
      throwFailure();
    },
    async drain() {
      while (unfinished.size > 0) await Promise.all([...unfinished].map((entry) => entry.done));
      throwFailure();
    },
  };
}
