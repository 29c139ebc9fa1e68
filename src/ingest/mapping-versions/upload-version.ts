import type { Library } from "@medplum/fhirtypes";
import { auditEvent } from "../../audit/audit-event.ts";
import { resourceReference } from "../../fhir/reference.ts";
import type { ResourceId } from "../../kernel/brand.ts";
import { Fault } from "../../kernel/fault.ts";
import type { ExportFile, MappingProblem } from "../../mapping/mapped.ts";
import { type UnpackLimits, unpackFiles } from "../unpack-files.ts";
import { compileVersion } from "./compile-version.ts";
import { digestOf, draftLibrary, type MappingVersion, versionOf } from "./version.ts";
import type { VersionDeps } from "./version-deps.ts";
import { arrangeUpload, withShipped } from "./version-files.ts";

/** Mappings are text: an archive of them is small. */
const limits: UnpackLimits = { ratio: 100, freeBytes: 16 << 20, bytes: 64 << 20 };

/** `stored`: kept as a draft (or it was known already). `problems`: it does not compile, with file and line. */
export type Uploaded =
  | { readonly kind: "stored"; readonly version: MappingVersion }
  | { readonly kind: "problems"; readonly problems: readonly MappingProblem[] };

/** Compiles the files an operator sends and keeps them, with the region's tables and family they need, as a draft. The same files again are the same version. */
export async function uploadVersion(
  deps: VersionDeps,
  upload: { readonly client: string; readonly feed: string; readonly files: readonly ExportFile[] },
): Promise<Uploaded> {
  const { client, feed } = upload;
  const unpacked = await unpackUpload(upload.files);
  if ("problems" in unpacked) return { kind: "problems", problems: unpacked.problems };
  const arranged = await arrangeUpload(feed, unpacked.files);
  if (arranged.kind === "wrong") return problem("feed.yaml", arranged.reason);
  const files = await withShipped(arranged.files, feed, deps.shippedDir);
  const outcome = await compileVersion(feed, files);
  if (outcome.kind === "wrong") return { kind: "problems", problems: outcome.problems };
  if (outcome.feed.name !== feed) return problem("feed.yaml", "names another feed than the address");
  const digest = digestOf(files);
  const id = deps.suite.computeId("DEFAULT", "Library", "mapping", feed, digest);
  const templates = outcome.feed.version.split(" ");
  const library = draftLibrary({ id, feed, templates, digest, uploadedBy: client, files }, deps.now());
  const audit = auditEvent({
    id: deps.suite.computeId("DEFAULT", "AuditEvent", "mapping-uploaded", id),
    kind: "mapping-uploaded",
    at: deps.now(),
    outcome: "success",
    agent: { client },
    entities: [
      { what: resourceReference({ tenant: "DEFAULT", type: "Library", id: id as ResourceId }), detail: { feed, digest } },
    ],
  });
  const writes = [library, audit].map((resource) => ({ kind: "put", resource }) as const);
  const committed = await deps.store.commit("DEFAULT", writes, { createOnly: true });
  const stored: Library | undefined =
    committed.kind === "committed" ? library : await deps.store.read("DEFAULT", "Library", id);
  const version = stored === undefined ? undefined : versionOf(stored);
  if (version === undefined) throw new Fault("conflict");
  return { kind: "stored", version };
}

async function unpackUpload(
  uploaded: readonly ExportFile[],
): Promise<{ files: readonly ExportFile[] } | { problems: MappingProblem[] }> {
  const { files, issues } = await unpackFiles(uploaded, limits);
  return issues.length === 0 ? { files } : { problems: issues.map(({ file, line = 1, reason }) => ({ file, line, reason })) };
}

function problem(file: string, reason: string): Uploaded {
  return { kind: "problems", problems: [{ file, line: 1, reason }] };
}
