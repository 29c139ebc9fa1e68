import type { Platform } from "./platform.ts";

/** One request to the API; at most one of `json` and `form`. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT";
  /** Path and query, never a person's number. */
  readonly path: string;
  readonly token?: string;
  readonly json?: unknown;
  readonly form?: FormData;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What came back, whatever its status. */
export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, else the text. */
  readonly body: T;
  readonly ms: number;
}

/** Sends one request. An HTTP status is an answer, not an error; throws only when the platform cannot be reached. */
export async function call<T = unknown>(platform: Pick<Platform, "api">, request: Call): Promise<Answer<T>> {
  const { method, path, token, json, form, signal } = request;
  const headers: Record<string, string> = { ...request.headers };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (json !== undefined) headers["content-type"] = "application/json";
  const body = form ?? (json === undefined ? undefined : JSON.stringify(json));
  const began = performance.now();
  const response = await fetch(`${platform.api}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : text) as T,
    ms: performance.now() - began,
  };
}

/** The body of an answer with one of these statuses. Throws with status and body otherwise: problem+json names no person. */
export async function expectStatus<T>(answer: Answer<T> | Promise<Answer<T>>, ...statuses: readonly number[]): Promise<T> {
  const { status, body } = await answer;
  if (statuses.includes(status)) return body;
  throw new Error(`expected status ${statuses.join(" or ")}, got ${status}: ${JSON.stringify(body)}`);
}
