/** The only way to learn the time: handed in, so that a test can stand still. */
export type Now = () => Date;

/** FHIR `instant` in UTC, e.g. `2026-11-18T00:12:00.000Z`. */
export function instant(at: Date): string {
  return at.toISOString();
}

/** Whole and fractional days from one instant to a later one (negative when it is earlier). A day is 24 continuous hours. */
export function daysBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 86_400_000;
}

/** Waits `ms`; ends early, without error, when `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
