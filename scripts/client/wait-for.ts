import { setTimeout as pause } from "node:timers/promises";

/** Asks again and again until `done` says so; the last answer. Throws after `timeoutMs`, naming what was waited for. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  options: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const { timeoutMs = 60_000, everyMs = 25 } = options;
  const end = Date.now() + timeoutMs;
  for (let wait = everyMs; ; wait = Math.min(wait * 1.3, 1000)) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await pause(wait);
  }
}
