import type { IncomingMessage } from "node:http";
import { type Readable, Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { Fault } from "../kernel/fault.ts";

/** What may come out of a compressed body: this many times what went in, beyond the first `freeBytes`. */
const inflation = { ratio: 20, freeBytes: 64 * 2 ** 20 };

function tooFar(): Fault {
  return new Fault("too-large", {
    problems: [{ field: "body", reason: "inflates too far; send the file as .gz or in a zip" }],
  });
}

/**
 * The body as its client meant it: inflated when it says `Content-Encoding: gzip`. Throws `Fault("media-type")` on any other encoding; the stream
 * fails with `Fault("too-large")` when it inflates too far (a file that shrinks more is sent as a .gz or .zip, which is stored as it comes).
 */
export function inflateBody(request: IncomingMessage): Readable {
  const encoding = (request.headers["content-encoding"] ?? "identity").toLowerCase();
  if (encoding === "identity") return request;
  if (encoding !== "gzip")
    throw new Fault("media-type", { problems: [{ field: "content-encoding", reason: "must be gzip or absent" }] });
  let packed = 0;
  let size = 0;
  const gunzip = createGunzip();
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      done(size > inflation.freeBytes + inflation.ratio * packed ? tooFar() : null, chunk);
    },
  });
  request.on("data", (chunk: Buffer) => {
    packed += chunk.length;
  });
  const broken = (error: Error) => bounded.destroy(error);
  request.once("error", broken).once("aborted", () => broken(new Error("aborted")));
  gunzip.once("error", broken);
  bounded.once("close", () => {
    request.unpipe(gunzip);
    gunzip.destroy();
  });
  return request.pipe(gunzip).pipe(bounded);
}
