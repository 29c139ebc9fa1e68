import { Fault } from "../kernel/fault.ts";
import { json, orConflict, orNotFound, workId } from "./answers.ts";
import { FeedName } from "./contract/export.ts";
import {
  MappingActivation,
  MappingPeriod,
  MappingUploadQuery,
  MappingVersion,
  MappingVersionFiles,
  MappingVersions,
  MappingWork,
  MappingWorkAccepted,
} from "./contract/mapping.ts";
import { ProblemBody } from "./contract/problem.ts";
import { mayOperate } from "./entitle.ts";
import { incomingFiles } from "./incoming-files.ts";
import { type GuardedRoute, guarded } from "./route.ts";

const refused = { description: "It stays as it is; problems say why", schema: ProblemBody, type: "application/problem+json" };
const accepted = { 202: { description: "Content-Location tells where its state is", schema: MappingWorkAccepted } };

/** Versions of mappings: brought in, tried on what was delivered, made to count, and worked through again. */
export const mappingRoutes: readonly GuardedRoute[] = [
  guarded({
    method: "post",
    path: "/mappings/{feed}",
    summary:
      "Bring a version of a feed's mapping: its folder as a zip, or its files as multipart/form-data (YAML, and CSV for tables)",
    errors: "problem",
    policy: mayOperate,
    body: "stream",
    query: MappingUploadQuery,
    answers: { 201: { description: "It compiles and is kept as a draft", schema: MappingVersion }, 422: refused },
    async handle({ caller, param, query, incoming, signal }, useCases) {
      const feed = FeedName.safeParse(param).data;
      if (feed === undefined) throw new Fault("not-found");
      const files = incomingFiles(incoming, query.file, signal);
      const outcome = await useCases.uploadMapping({ caller, feed, files });
      if (outcome.kind === "problems") throw unusable(outcome.problems);
      return json(MappingVersion, outcome.version, { status: 201, location: `/mapping-versions/${outcome.version.id}` });
    },
  }),
  guarded({
    method: "get",
    path: "/mappings/{feed}",
    summary: "What counts for a feed now, and its stored versions",
    errors: "problem",
    policy: mayOperate,
    answers: { 200: { description: "The versions, the latest first", schema: MappingVersions } },
    async handle({ param }, useCases) {
      return json(
        MappingVersions,
        orNotFound(await useCases.listMappings({ feed: orNotFound(FeedName.safeParse(param).data) })),
      );
    },
  }),
  guarded({
    method: "get",
    path: "/mapping-versions/{id}",
    summary: "A stored version with its files",
    errors: "problem",
    policy: mayOperate,
    answers: { 200: { description: "The version", schema: MappingVersionFiles } },
    async handle({ param }, useCases) {
      return json(MappingVersionFiles, orNotFound(await useCases.mappingVersion({ id: workId(param) })));
    },
  }),
  workRoute(
    "dry-run",
    "Map the raw exports of a period with what counts now and with this version, and tell what differs; nothing clinical is written",
  ),
  workRoute("replay", "Work the raw exports of a period through again with this version, which must be active"),
  guarded({
    method: "post",
    path: "/mapping-versions/{id}/activate",
    summary: "Make a version count from the next export on; refused when it was never tried, unless forced",
    errors: "problem",
    policy: mayOperate,
    body: MappingActivation,
    answers: { 200: { description: "It counts", schema: MappingVersion }, 422: refused },
    async handle({ caller, param, body }, useCases) {
      const outcome = orNotFound(await useCases.activateMapping({ caller, id: workId(param), force: body.force ?? false }));
      if (outcome.kind === "never-tried") throw notYet("id", "was never tried: run a dry-run first, or send force");
      if (outcome.kind === "problems") throw unusable(outcome.problems);
      if (outcome.kind === "unusable") throw notYet("id", "does not compile with this engine");
      return json(MappingVersion, orConflict(outcome).version);
    },
  }),
  guarded({
    method: "post",
    path: "/mapping-versions/{id}/retire",
    summary: "Take an active version back: the shipped mapping counts again",
    errors: "problem",
    policy: mayOperate,
    answers: { 200: { description: "It counts no more", schema: MappingVersion } },
    async handle({ caller, param }, useCases) {
      return json(MappingVersion, orConflict(orNotFound(await useCases.retireMapping({ caller, id: workId(param) }))).version);
    },
  }),
  guarded({
    method: "get",
    path: "/mapping-work/{id}",
    summary: "How far a dry-run or replay came, and what it found",
    errors: "problem",
    policy: mayOperate,
    answers: { 200: { description: "The state", schema: MappingWork } },
    async handle({ param }, useCases) {
      return json(MappingWork, orNotFound(await useCases.mappingWork({ id: workId(param) })));
    },
  }),
  guarded({
    method: "post",
    path: "/mapping-work/{id}/stop",
    summary: "Stop a dry-run or replay; exports a replay began are worked through",
    errors: "problem",
    policy: mayOperate,
    answers: { 200: { description: "The state", schema: MappingWork } },
    async handle({ caller, param }, useCases) {
      const outcome = orNotFound(await useCases.stopMappingWork({ caller, id: workId(param) }));
      return json(MappingWork, orConflict(outcome).work);
    },
  }),
];

function workRoute(kind: "dry-run" | "replay", summary: string): GuardedRoute {
  return guarded({
    method: "post",
    path: `/mapping-versions/{id}/${kind}`,
    summary,
    errors: "problem",
    policy: mayOperate,
    body: MappingPeriod,
    answers: { ...accepted, 422: refused },
    async handle({ caller, param, body, idempotencyKey }, useCases) {
      const key = idempotencyKey === undefined ? {} : { idempotencyKey };
      const outcome = orNotFound(await useCases.startMappingWork({ caller, id: workId(param), kind, period: body, ...key }));
      if (outcome.kind === "not-active") throw notYet("id", "does not count: activate it first");
      const { id } = orConflict(outcome);
      const location = `/mapping-work/${id}`;
      return json(MappingWorkAccepted, { id, status: "accepted", location }, { status: 202, location });
    },
  });
}

function unusable(problems: readonly { readonly file: string; readonly line: number; readonly reason: string }[]): Fault {
  return new Fault("not-usable", {
    problems: problems.map(({ file, line, reason }) => ({ field: `${file}:${line}`, reason })),
  });
}

function notYet(field: string, reason: string): Fault {
  return new Fault("not-usable", { problems: [{ field, reason }] });
}
