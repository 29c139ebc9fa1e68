import type { IncomingMessage } from "node:http";
import { Fault } from "../kernel/fault.ts";

/** How much is read at this door, and for how long. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** Reads a small JSON body whole. Throws `Fault("media-type")`, `Fault("too-large")` or, when it drips, `Fault("request-slow")`. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Uint8Array> {
  checkMediaType(request);
  if (Number(request.headers["content-length"] ?? 0) > limits.maxBytes) throw new Fault("too-large");
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Fault("request-slow")), limits.timeoutMs);
  try {
    return await Promise.race([collect(request, limits.maxBytes), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function collect(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The request must outlive this loop, or its answer could not be sent.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      if (size > maxBytes) throw new Fault("too-large");
      chunks.push(chunk as Buffer);
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault("request-invalid", { cause, problems: [{ field: "body", reason: "ended early" }] });
  }
  return Buffer.concat(chunks);
}

function checkMediaType(request: IncomingMessage): void {
  const [type, ...parameters] = (request.headers["content-type"] ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  const utf8 = charset === undefined || charset.slice(8).replaceAll('"', "") === "utf-8";
  const encoding = request.headers["content-encoding"] ?? "identity";
  const json = type === "application/json" || type === "application/fhir+json";
  if (!json || !utf8 || encoding !== "identity") throw new Fault("media-type");
}
