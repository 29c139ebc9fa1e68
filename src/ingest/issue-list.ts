import { Fault } from "../kernel/fault.ts";
import type { RowIssue } from "../mapping/mapped.ts";
import type { Landed, Landing } from "./landing.ts";

/** One row (or file) that did not become resources as it stands; of the mapping, or of the writer (`store-refused`, `store-conflict`). Values are masked. */
export type ExportIssue = Omit<RowIssue, "code"> & { readonly code: string };

/** A list being written to the landing folder as JSON lines, however long it gets. */
export interface IssueList {
  /** Resolves when there is room for the next one. */
  add(issue: ExportIssue): Promise<void>;
  /** Ends the list; its address, or undefined when it is empty. Throws `Fault("landing-failed")`. */
  close(): Promise<Landed | undefined>;
  /** Gives the list up: nothing is stored. */
  discard(): void;
}

const perBlock = 500;

/** Starts a list; nothing is stored before its first issues, nor when it is never closed. */
export function createIssueList(landing: Landing): IssueList {
  let lines: string[] = [];
  let stored: Promise<Landed> | undefined;
  let ended = false;
  let discarded = false;
  let wakeReader = () => {};
  let wakeWriter = () => {};

  async function* blocks(): AsyncGenerator<Uint8Array> {
    while (true) {
      if (discarded) throw new Fault("work-lost");
      if (lines.length >= perBlock || (ended && lines.length > 0)) {
        const block = Buffer.from(`${lines.join("\n")}\n`, "utf8");
        lines = [];
        wakeWriter();
        yield block;
      } else if (ended) return;
      else await new Promise<void>((resolve) => (wakeReader = resolve));
    }
  }
  const start = () => {
    const landed = landing.put(blocks());
    landed.catch(() => undefined); // whoever adds or closes next is told
    return landed;
  };
  return {
    async add(issue) {
      lines.push(JSON.stringify(issue));
      if (lines.length < perBlock) return;
      stored ??= start();
      wakeReader();
      // When the landing folder fails, nobody reads any more: its fault comes out here.
      if (lines.length >= perBlock) await Promise.race([new Promise<void>((resolve) => (wakeWriter = resolve)), stored]);
    },
    async close() {
      ended = true;
      if (stored === undefined && lines.length === 0) return undefined;
      stored ??= start();
      wakeReader();
      return stored;
    },
    discard() {
      discarded = true;
      wakeReader();
    },
  };
}

/** Reads a stored list back, one issue after another. */
export async function* readIssues(landing: Landing, sha256: string): AsyncGenerator<ExportIssue> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const block of landing.open(sha256)) {
    const lines = (rest + decoder.decode(block, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line) as ExportIssue;
  }
}
