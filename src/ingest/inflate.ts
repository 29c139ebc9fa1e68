import { Readable, type Transform } from "node:stream";

/** The bytes of a compressed stream, at the reader's pace. Throws what the source throws, and zlib's errors. */
export async function* inflated(source: AsyncIterable<Uint8Array>, engine: Transform): AsyncGenerator<Uint8Array> {
  const input = Readable.from(source, { objectMode: false }).on("error", (error) => engine.destroy(error));
  input.pipe(engine);
  try {
    yield* engine as AsyncIterable<Uint8Array>;
  } finally {
    input.destroy(); // closes the file when nobody reads on
    engine.destroy();
  }
}
