import { on } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import busboy from "busboy";
import { asFault, Fault } from "../kernel/fault.ts";
import { FileName } from "./contract/export.ts";
import { inflateBody } from "./inflate-body.ts";
import type { IncomingFile } from "./use-cases.ts";

const maxFiles = 1000;
const idleMs = 30_000;
const howToSend = "send multipart/form-data, application/zip, or one file as the body with its name in the address: ?file=NAME";

/**
 * The files of an export as they arrive, one after the other, never more in memory than a chunk: the parts of multipart/form-data,
 * or the whole body when `fileName` is given or it is a zip; inflated when it is sent with `Content-Encoding: gzip`. Throws `Fault("media-type")` at once, and while it is read `Fault("request-invalid")`
 * when the body ends early or `Fault("request-slow")` when nothing came for 30 s.
 */
export function incomingFiles(
  request: IncomingMessage,
  fileName: string | undefined,
  signal: AbortSignal,
): AsyncIterable<IncomingFile> {
  const type = request.headers["content-type"] ?? "";
  const multipart = /^multipart\/form-data\s*;/i.test(type);
  const name = fileName ?? (/^application\/(x-)?zip(-compressed)?\s*(;|$)/i.test(type) ? "export.zip" : undefined);
  if (multipart === (name !== undefined))
    throw new Fault("media-type", { problems: [{ field: "content-type", reason: howToSend }] });
  const body = inflateBody(request);
  return name === undefined ? partsOf(request, body, signal) : wholeBody(body, name);
}

async function* wholeBody(body: Readable, name: string): AsyncGenerator<IncomingFile> {
  yield { name, content: steady(body) };
}

async function* partsOf(request: IncomingMessage, body: Readable, signal: AbortSignal): AsyncGenerator<IncomingFile> {
  const parser = parserFor(request);
  const broken = (cause: Error) => parser.destroy(cause);
  request.once("aborted", () => broken(new Error("aborted")));
  body.once("error", broken);
  const parts = on(parser, "file", { close: ["close"], signal });
  body.pipe(parser);
  try {
    let files = 0;
    for await (const [, content, info] of parts as AsyncIterable<[string, Readable, busboy.FileInfo]>) {
      files += 1;
      yield { name: nameOf(info), content: steady(content) };
    }
    if (files === 0) throw wrong("holds no file");
  } catch (error) {
    throw error instanceof Fault ? error : wrong("ended early or is not well-formed multipart", error);
  } finally {
    body.unpipe(parser);
    body.off("error", broken);
  }
}

function parserFor(request: IncomingMessage): busboy.Busboy {
  try {
    const limits = { fields: 0, files: maxFiles, headerPairs: 20 };
    const parser = busboy({ headers: request.headers, defParamCharset: "utf8", limits });
    // Errors reach the reader through its iterators; a stream that breaks between two reads must not end the process.
    parser.on("error", ignore).on("file", (_field, content: Readable) => content.on("error", ignore));
    return parser.once("filesLimit", () => parser.destroy(wrong(`holds more than ${maxFiles} files`)));
  } catch (cause) {
    throw wrong("is not well-formed multipart", cause);
  }
}

function ignore(): void {}

function nameOf(info: busboy.FileInfo): string {
  const name = FileName.safeParse(info.filename);
  if (!name.success) throw wrong("holds a part without a usable file name");
  return name.data;
}

/** The same bytes, but a supplier that stops sending does not hold the door open for ever. */
async function* steady(source: Readable): AsyncGenerator<Uint8Array> {
  const chunks = source.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await withinIdle(chunks.next());
      if (next.done === true) return;
      yield next.value as Uint8Array;
    }
  } catch (error) {
    throw error instanceof Fault ? error : wrong("ended early", error);
  }
}

async function withinIdle<T>(promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Fault("request-slow")), idleMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function wrong(reason: string, cause?: unknown): Fault {
  return cause instanceof Fault
    ? asFault(cause)
    : new Fault("request-invalid", { cause, problems: [{ field: "body", reason }] });
}
