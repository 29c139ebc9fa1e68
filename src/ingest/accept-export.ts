import type { FhirStore } from "../fhir/store.ts";
import type { ResourceId } from "../kernel/brand.ts";
import type { Now } from "../kernel/clock.ts";
import type { CryptoSuite } from "../kernel/crypto-suite.ts";
import type { Problem } from "../kernel/fault.ts";
import { openTask } from "../work/open-task.ts";
import { priorities, type Scheduler } from "../work/scheduler.ts";
import { type ExportedFile, exportTask } from "./export-task.ts";
import type { Landing } from "./landing.ts";

/** What accepting needs. */
export interface AcceptDeps {
  readonly store: FhirStore;
  readonly scheduler: Scheduler;
  readonly landing: Landing;
  readonly suite: Pick<CryptoSuite, "computeId">;
  readonly now: Now;
  /** Whether a mapping for this feed is loaded. */
  readonly isFeed: (feed: string) => boolean;
}

/** An export at the door; that this client may deliver this feed is decided before. */
export interface Delivery {
  readonly client: string;
  readonly feed: string;
  /** One after another; each `content` is read to its end before the next is asked for. */
  readonly files: AsyncIterable<{ readonly name: string; readonly content: AsyncIterable<Uint8Array> }>;
  /** Absent = the content itself is the key: the same files again are the same export. */
  readonly idempotencyKey?: string;
}

/** `accepted` = stored durably, work will follow, whatever fails now. */
export type Acceptance =
  | { readonly kind: "accepted"; readonly id: ResourceId }
  | { readonly kind: "conflict" }
  | { readonly kind: "wrong"; readonly problems: readonly Problem[] };

/** Most files of one export. */
const mostFiles = 200;
/** How often a dead letter may be delivered again under one key. */
const mostReplays = 20;

/**
 * Streams the files to the landing folder, opens the Task, queues it. The same delivery again finds its Task; a dead one is opened anew.
 * Throws `Fault("landing-failed")`, `Fault("too-large")`, `Fault("store-down")`: then nothing was accepted.
 */
export async function acceptExport(deps: AcceptDeps, delivery: Delivery): Promise<Acceptance> {
  if (!deps.isFeed(delivery.feed)) return wrong("feed", "is no feed that is mapped here");
  const files: ExportedFile[] = [];
  for await (const { name, content } of delivery.files) {
    if (files.length >= mostFiles) return wrong("files", `are more than ${mostFiles}`);
    if (files.some((file) => file.name === name)) return wrong("files", "two of them have the same name");
    files.push({ name, ...(await deps.landing.put(content)) });
  }
  if (files.length === 0) return wrong("files", "there is none");
  return open(
    deps,
    delivery,
    files.sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
}

async function open(deps: AcceptDeps, delivery: Delivery, files: readonly ExportedFile[]): Promise<Acceptance> {
  const { client, feed, idempotencyKey } = delivery;
  const content = files.map((file) => `${file.sha256} ${file.name}`).sort();
  const key = idempotencyKey === undefined ? ["content", ...content] : ["key", idempotencyKey];
  for (let replay = 0; replay < mostReplays; replay++) {
    const id = deps.suite.computeId("DEFAULT", "Task", "ingest", client, feed, String(replay), ...key) as ResourceId;
    const task = exportTask(id, { client, feed, files }, deps.now());
    const opened = await openTask(deps.store, { task, audit: [] });
    if (opened.kind === "conflict") return { kind: "conflict" };
    if (opened.kind === "existed" && opened.task.status === "failed") continue;
    if (opened.kind === "opened") await deps.scheduler.schedule("ingest", id, priorities.batch);
    return { kind: "accepted", id };
  }
  return { kind: "conflict" };
}

function wrong(field: string, reason: string): Acceptance {
  return { kind: "wrong", problems: [{ field, reason }] };
}
