import type { Landing } from "../../src/ingest/landing.ts";
import { sha256 } from "../../src/kernel/crypto-suite.ts";
import { Fault } from "../../src/kernel/fault.ts";

/** A landing folder without a disk. */
export function createMemoryLanding(): Landing & { readonly files: Map<string, Buffer>; fail: boolean } {
  const files = new Map<string, Buffer>();
  return {
    files,
    fail: false,
    async put(content) {
      if (this.fail) throw new Fault("landing-failed");
      const blocks: Uint8Array[] = [];
      for await (const block of content) blocks.push(block);
      const bytes = Buffer.concat(blocks);
      files.set(sha256(bytes), bytes);
      return { sha256: sha256(bytes), size: bytes.length };
    },
    async isGone(address) {
      return !this.fail && !files.has(address);
    },
    async *open(address, from = 0) {
      const bytes = files.get(address);
      if (bytes === undefined) throw new Fault("landing-failed");
      yield bytes.subarray(from);
    },
  };
}
