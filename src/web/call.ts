/** Why a request failed, as far as a page must tell apart: its time is over, it may not, nothing there, somebody was first, the input is wrong, the world. */
export type Failure =
  | { readonly kind: "over" | "refused" | "absent" | "conflict" | "down" }
  | { readonly kind: "wrong"; readonly problems: readonly { readonly field: string; readonly reason: string }[] };

/** An answer, or why there is none: a page shows both, so neither is thrown. */
export type Answered<T> = { readonly kind: "ok"; readonly value: T } | { readonly kind: "failed"; readonly failure: Failure };

/** Longer than anything takes: figures of many months are counted while somebody waits. */
const longestMs = 40_000;

/** Asks our own server. Nothing about a person ever stands in `path`. */
export async function call<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<Answered<T>> {
  try {
    const response = await fetch(path, {
      method,
      // No other site can send this header with our cookie: that is what the server checks.
      headers: { "X-Hutong-Page": "1", ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(longestMs),
    });
    if (response.ok) return { kind: "ok", value: (response.status === 204 ? undefined : await response.json()) as T };
    return { kind: "failed", failure: await failureOf(response) };
  } catch {
    return { kind: "failed", failure: { kind: "down" } };
  }
}

const kinds: Readonly<Record<number, Exclude<Failure["kind"], "wrong">>> = {
  401: "over",
  403: "refused",
  404: "absent",
  409: "conflict",
};

async function failureOf(response: Response): Promise<Failure> {
  const kind = kinds[response.status];
  if (kind !== undefined) return { kind };
  if (response.status < 400 || response.status >= 500) return { kind: "down" };
  const problem = (await response.json().catch(() => ({}))) as Partial<Extract<Failure, { kind: "wrong" }>>;
  return { kind: "wrong", problems: problem.problems ?? [] };
}
