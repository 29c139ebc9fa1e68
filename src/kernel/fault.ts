/** What an operator may do about a fault: try again soon, not at all, or only after somebody looked. */
export type RetryClass = "soon" | "never" | "after-review";

interface FaultTraits {
  /** HTTP status at our doors. */
  readonly status: number;
  readonly retry: RetryClass;
  /** `OperationOutcome.issue.code` (http://hl7.org/fhir/issue-type). */
  readonly issue:
    | "invalid"
    | "structure"
    | "not-found"
    | "forbidden"
    | "login"
    | "conflict"
    | "transient"
    | "timeout"
    | "throttled"
    | "too-long"
    | "not-supported"
    | "exception";
  readonly level: "info" | "warn" | "error";
  /** The sentence the caller reads; it never holds a value from the request. */
  readonly text: string;
}

/** Every way the world can fail us, in one table: status, retry class, issue code, log level and what the caller is told. */
export const faults = {
  "request-invalid": { status: 400, retry: "never", issue: "invalid", level: "info", text: "The request is not valid." },
  "token-missing": { status: 401, retry: "never", issue: "login", level: "info", text: "A bearer token is required." },
  "token-invalid": {
    status: 401,
    retry: "never",
    issue: "login",
    level: "info",
    text: "The token is not valid or has expired; ask the issuer for a new one.",
  },
  "session-over": {
    status: 401,
    retry: "never",
    issue: "login",
    level: "info",
    text: "The page's time is over, or its link was used before; open it again from the hospital's system.",
  },
  "not-entitled": {
    status: 403,
    retry: "never",
    issue: "forbidden",
    level: "info",
    text: "This token does not permit the request.",
  },
  "not-found": {
    status: 404,
    retry: "never",
    issue: "not-found",
    level: "info",
    text: "There is nothing at this address for you.",
  },
  conflict: {
    status: 409,
    retry: "never",
    issue: "conflict",
    level: "info",
    text: "Somebody else changed it, or the same key came with another body.",
  },
  "prefetch-missing": {
    status: 412,
    retry: "never",
    issue: "not-found",
    level: "info",
    text: "Data that this service needs was not prefetched, and it is never fetched from the client's server.",
  },
  "request-slow": { status: 408, retry: "soon", issue: "timeout", level: "info", text: "The request did not arrive in time." },
  "too-large": {
    status: 413,
    retry: "never",
    issue: "too-long",
    level: "info",
    text: "The body is larger than this door takes.",
  },
  "media-type": {
    status: 415,
    retry: "never",
    issue: "not-supported",
    level: "info",
    text: "This media type is not taken here.",
  },
  "not-usable": {
    status: 422,
    retry: "never",
    issue: "invalid",
    level: "info",
    text: "What was sent is well formed but cannot be used; problems say why.",
  },
  throttled: { status: 429, retry: "soon", issue: "throttled", level: "warn", text: "Too many requests; slow down." },
  "store-refused": {
    status: 502,
    retry: "never",
    issue: "exception",
    level: "error",
    text: "The FHIR store refused the content.",
  },
  "store-down": {
    status: 503,
    retry: "soon",
    issue: "transient",
    level: "error",
    text: "The FHIR store does not answer; nothing was accepted, try again.",
  },
  "queue-down": {
    status: 503,
    retry: "soon",
    issue: "transient",
    level: "error",
    text: "The queue does not answer; try again.",
  },
  "issuer-down": {
    status: 503,
    retry: "soon",
    issue: "transient",
    level: "error",
    text: "The token issuer does not answer; try again.",
  },
  "landing-failed": {
    status: 503,
    retry: "soon",
    issue: "transient",
    level: "error",
    text: "The store of raw files does not work; nothing was accepted, try again.",
  },
  "delivery-changed": {
    status: 409,
    retry: "soon",
    issue: "conflict",
    level: "info",
    text: "Somebody still writes to the delivery; it is looked at again.",
  },
  "tables-down": {
    status: 503,
    retry: "soon",
    issue: "transient",
    level: "warn",
    text: "A hospital's database does not answer or refused.",
  },
  "source-timeout": { status: 504, retry: "soon", issue: "timeout", level: "warn", text: "A source did not answer in time." },
  "source-unusable": { status: 502, retry: "soon", issue: "transient", level: "warn", text: "A source gave no usable answer." },
  "work-lost": { status: 409, retry: "never", issue: "conflict", level: "info", text: "Another worker took this work over." },
  "work-given-up": {
    status: 500,
    retry: "after-review",
    issue: "exception",
    level: "error",
    text: "The work failed too often and waits for an operator.",
  },
  "configuration-wrong": {
    status: 500,
    retry: "after-review",
    issue: "exception",
    level: "error",
    text: "The configuration is wrong.",
  },
  unexpected: {
    status: 500,
    retry: "after-review",
    issue: "exception",
    level: "error",
    text: "Something unexpected happened; the operator can find it by the request id.",
  },
} as const satisfies Record<string, FaultTraits>;

export type FaultCode = keyof typeof faults;

/** A place in the input and what is wrong there; `reason` never repeats the value. */
export interface Problem {
  readonly field: string;
  readonly reason: string;
}

/**
 * The world failed: the store is down, the request is malformed, a fence was lost. An expected "no" is a value, never a Fault.
 * Retry and status are properties of the code, so nobody ever reads the message.
 */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly problems: readonly Problem[];

  constructor(code: FaultCode, more: { cause?: unknown; detail?: string; problems?: readonly Problem[] } = {}) {
    super(more.detail ?? faults[code].text, more.cause === undefined ? {} : { cause: more.cause });
    this.name = "Fault";
    this.code = code;
    this.problems = more.problems ?? [];
  }

  get traits(): FaultTraits {
    return faults[this.code];
  }
}

/** Any thrown thing as a Fault; what is not one already becomes `unexpected` with its cause kept. */
export function asFault(error: unknown): Fault {
  return error instanceof Fault ? error : new Fault("unexpected", { cause: error });
}
