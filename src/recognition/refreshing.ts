import type { Now } from "../kernel/clock.ts";

/** A value that is loaded at most once at a time and never served older than `maxAgeMs`. */
export interface Refreshing<T> {
  get(): Promise<T>;
}

/**
 * Keeps what `load` gives. Older than half of `maxAgeMs`: served, and renewed in the background; older than `maxAgeMs`: waited for.
 * When a renewal fails, `keepOnFailure` says whether the last good value stays (a wrong catalogue never replaces the one in force) or the failure is thrown.
 */
export function refreshing<T>(
  load: () => Promise<T>,
  options: { maxAgeMs: number; now: Now; keepOnFailure?: (error: unknown) => void },
): Refreshing<T> {
  let held: { value: T; at: number } | undefined;
  let loading: Promise<T> | undefined;

  const renew = () => {
    loading ??= load()
      .then((value) => {
        held = { value, at: options.now().getTime() };
        return value;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  return {
    async get() {
      const ageMs = held === undefined ? Number.POSITIVE_INFINITY : options.now().getTime() - held.at;
      if (held !== undefined && ageMs <= options.maxAgeMs / 2) return held.value;
      const renewal = renew();
      if (held !== undefined && ageMs <= options.maxAgeMs) {
        renewal.catch((error) => options.keepOnFailure?.(error));
        return held.value;
      }
      return renewal.catch((error) => {
        if (held === undefined || options.keepOnFailure === undefined) throw error;
        options.keepOnFailure(error);
        return held.value;
      });
    },
  };
}
