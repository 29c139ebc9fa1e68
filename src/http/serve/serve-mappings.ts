import { activateVersion, retireVersion } from "../../ingest/mapping-versions/activate-version.ts";
import { listVersions, readVersion } from "../../ingest/mapping-versions/list-versions.ts";
import { startWork } from "../../ingest/mapping-versions/start-work.ts";
import { uploadVersion } from "../../ingest/mapping-versions/upload-version.ts";
import type { VersionDeps } from "../../ingest/mapping-versions/version-deps.ts";
import { stopWork, workState } from "../../ingest/mapping-versions/work-state.ts";
import { Fault } from "../../kernel/fault.ts";
import type { IncomingFile, UseCases } from "../use-cases.ts";

type MappingCases = Pick<
  UseCases,
  | "uploadMapping"
  | "listMappings"
  | "mappingVersion"
  | "activateMapping"
  | "retireMapping"
  | "startMappingWork"
  | "mappingWork"
  | "stopMappingWork"
>;

/** An upload is small text; more is no mapping. */
const mostBytes = 16 << 20;

/** Versions of mappings, on the ingest flow. */
export function serveMappings(deps: VersionDeps): MappingCases {
  return {
    async uploadMapping({ caller, feed, files }) {
      return uploadVersion(deps, { client: caller.client, feed, files: await held(files) });
    },
    async listMappings({ feed }) {
      await deps.book.refresh();
      const current = deps.book.feeds.get(feed);
      const versions = await listVersions(deps.store, feed);
      if (current === undefined && versions.length === 0) return undefined;
      const active = versions.find((version) => version.status === "active");
      return {
        feed,
        ...(current === undefined
          ? {}
          : { current: { templates: current.version.split(" "), version: active?.id ?? "shipped" } }),
        versions,
      };
    },
    mappingVersion: ({ id }) => readVersion(deps.store, id),
    activateMapping: ({ caller, id, force }) => activateVersion(deps, { client: caller.client, id, force }),
    retireMapping: ({ caller, id }) => retireVersion(deps, { client: caller.client, id }),
    startMappingWork: ({ caller, kind, id, period, idempotencyKey }) =>
      startWork(deps, `mapping-${kind}`, {
        client: caller.client,
        id,
        from: period.from,
        ...(period.to === undefined ? {} : { to: period.to }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      }),
    mappingWork: ({ id }) => workState(deps, id),
    async stopMappingWork({ caller, id }) {
      const ended = await stopWork(deps, { client: caller.client, id });
      const work = ended === "stopped" ? await workState(deps, id) : undefined;
      if (work !== undefined) return { kind: "stopped", work };
      return ended === undefined ? undefined : { kind: "conflict" };
    },
  };
}

/** The files in memory, readable as often as asked. Throws `Fault("too-large")`. */
async function held(files: AsyncIterable<IncomingFile>) {
  const read = [];
  let bytes = 0;
  for await (const { name, content } of files) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new Fault("too-large");
      chunks.push(chunk);
    }
    read.push({ name, open: () => blocks(chunks) });
  }
  return read;
}

async function* blocks(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
