import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import path from "node:path";
import { createRemoteJWKSet } from "jose";
import { createIssuer } from "../adapters/issuer/create-issuer.ts";
import { readClientKeys } from "../adapters/issuer/issuer-client.ts";
import { createFeedLags } from "../adapters/redis/feed-lags.ts";
import { createSealedNotes } from "../adapters/redis/sealed-notes.ts";
import { gatherAudit } from "../audit/gather-audit.ts";
import { createAuthenticationFailures } from "../http/authentication-failures.ts";
import { createApp, createOperationsApp } from "../http/create-app.ts";
import { createHttpServer } from "../http/create-server.ts";
import { serveCatalogue } from "../http/serve/serve-catalogue.ts";
import { serveCdsHooks } from "../http/serve/serve-cds-hooks.ts";
import { serveConsents } from "../http/serve/serve-consents.ts";
import { serveExports } from "../http/serve/serve-exports.ts";
import { serveFigures } from "../http/serve/serve-figures.ts";
import { serveHub } from "../http/serve/serve-hub.ts";
import { serveIdentity } from "../http/serve/serve-identity.ts";
import { serveLinks } from "../http/serve/serve-links.ts";
import { serveLookups } from "../http/serve/serve-lookups.ts";
import { serveMappings } from "../http/serve/serve-mappings.ts";
import { serveNotices } from "../http/serve/serve-notices.ts";
import { serveOutcomes } from "../http/serve/serve-outcomes.ts";
import { servePageQuestions } from "../http/serve/serve-page-questions.ts";
import { servePatients } from "../http/serve/serve-patients.ts";
import { serveRecognitions } from "../http/serve/serve-recognitions.ts";
import { serveReports } from "../http/serve/serve-reports.ts";
import { loadPages, type Pages } from "../http/web/load-pages.ts";
import { createWebSessions } from "../http/web/web-session.ts";
import { ensureResident, welcomeResident } from "../identity/resident.ts";
import { Fault } from "../kernel/fault.ts";
import { coverageNote } from "../lookup/answer-bundle.ts";
import { createLateCalls } from "../ordering/callbacks/tell-late.ts";
import { createRecognitionData } from "../ordering/check/recognition-data.ts";
import { loadReturns } from "../ordering/figures/return-template.ts";
import { createMarkDesk } from "../ordering/notices/tell-quality-centres.ts";
import { createSourceDesk } from "../ordering/notices/tell-source.ts";
import { createPolicyShelf } from "../recognition/policy-shelf.ts";
import { createCdsClients } from "./cds-clients.ts";
import { figuresDeps } from "./figures.ts";
import type { Ports } from "./ports.ts";

/** How often the policy and the certificates are renewed ahead of the next check: twice within their life of ten seconds. */
const recognitionMs = 4_000;
/** How often the memory of used assertions is looked after, so that a wiped Redis starts its epoch before the next client comes. */
const epochMs = 2_000;
/** How long the sources are waited for in a hook: a CDS service answers "on the order of 500 ms" (CDS Hooks 2.0). */
const hookMs = 400;

/** The role `api`: every door, and the embedded issuer unless an external one is configured. */
export async function startApi(ports: Ports): Promise<() => Promise<unknown>> {
  const { config, store, suite, registry, lookups, now, log, metrics } = ports;
  const hub = serveHub({ store, suite, queueAnswers: () => ports.redis.commands.ping() });
  const failures = createAuthenticationFailures({ report: hub.authenticationFailed, now, log });
  const { issuer, keys, handler, close } = await issuerOf(ports, failures.note);
  const { PROFILES_DIR: profilesDir, RECOGNITION_REGION: region, PUBLIC_URL: publicUrl } = config;
  const isInstitution = (code: string) => registry.institution(code) !== undefined;
  const recognitionData = createRecognitionData({ store, profilesDir, region, isInstitution, now, log });
  await recognitionData();
  // A renewal that fails is no news here: the next check meets the same fault and answers it.
  const renewal = setInterval(() => void recognitionData().catch(() => {}), recognitionMs).unref();
  const notes = createSealedNotes(ports.redis, suite);
  const sessions = createWebSessions({ notes, random: () => randomBytes(32).toString("base64url"), now });
  const pages = await builtPages(ports);
  const checking = {
    ...ports,
    recognitionData,
    institutionOf: (code: string) => registry.institution(code),
    note: coverageNote,
    timeoutMs: config.SOURCE_TIMEOUT_MS,
    answerWindowMs: config.RECOGNITION_ANSWER_HOURS * 3_600_000,
    sources: lookups.sources,
    late: lookups.answers,
    news: lookups.progress,
    record: gatherAudit(store),
    flagged: createMarkDesk({ ...ports.notices, recognitionData }),
    arrivedLate: createLateCalls(ports.notices),
  };
  const links = serveLinks({ ...ports, sessions, publicUrl });
  const returns = await loadReturns(path.join(profilesDir, "recognition", "returns"));
  const cdsClients = await createCdsClients(ports);
  const app = createApp({
    useCases: {
      ...hub,
      ...serveExports({
        ...ports.accepting,
        lags: createFeedLags(ports.redis),
        feedNames: () => [...ports.feeds.keys()].sort(),
      }),
      ...serveMappings({ ...ports, shippedDir: config.MAPPINGS_DIR }),
      ...serveLookups({ ...lookups, parseOptions: ports.parseOptions }),
      ...serveConsents({
        ...lookups,
        ensureResident: (resident) => ensureResident(store, resident),
        isInstitution,
      }),
      ...serveCatalogue({
        versionsOf: createPolicyShelf({ root: path.join(profilesDir, "recognition"), now }),
        region,
        now,
        publicUrl,
      }),
      ...serveRecognitions(checking),
      ...serveNotices(ports),
      ...serveOutcomes({ ...checking, tellSource: createSourceDesk(ports.notices) }),
      ...serveCdsHooks({
        ...checking,
        hookMs,
        cdsClientOf: (client) => registry.client(client)?.cds,
        ...(pages === undefined ? {} : links),
      }),
      ...serveReports(checking),
      ...serveFigures({ ...figuresDeps(ports, recognitionData), returns }),
      ...servePageQuestions({ recognitionData, institutions: registry.institutions, now }),
      ...links,
      ...serveIdentity({ ...ports, allowTestRegions: config.ALLOW_TEST_REGIONS }),
      ...servePatients({ ...ports, allowTestRegions: config.ALLOW_TEST_REGIONS }),
    },
    tokens: { issuer, audience: publicUrl, keys, clientOf: registry.client, now },
    cdsTokens: cdsClients,
    failures,
    metrics,
    log,
    now,
    publicUrl,
    ...(handler === undefined ? {} : { issuer: handler }),
    web: { sessions, nameOf: lookups.nameOf, ...(pages === undefined ? {} : { pages }) },
  });
  const stopServing = await serve(ports, app);
  return async () => {
    close();
    cdsClients.close();
    clearInterval(renewal);
    await stopServing();
    await failures.stop();
  };
}

/** Health and metrics, for the roles without an API. */
export async function startOperations(ports: Ports): Promise<() => Promise<unknown>> {
  const { store, suite, metrics, log } = ports;
  const useCases = serveHub({ store, suite, queueAnswers: () => ports.redis.commands.ping() });
  return serve(ports, createOperationsApp({ useCases, metrics, log }));
}

/** The pages as the build left them; an API without them still serves the hospitals' systems. */
async function builtPages({ config, log }: Ports): Promise<Pages | undefined> {
  try {
    return await loadPages(config.WEB_DIR);
  } catch {
    log.error({ folder: config.WEB_DIR }, "the pages are not there and not served; build them with: npm run web");
    return undefined;
  }
}

/** Whose tokens are believed: the embedded issuer's, or those of `ISSUER_URL` with the keys it publishes. */
async function issuerOf(ports: Ports, authenticationFailed: (client: string, cause: string) => void) {
  const { config, registry } = ports;
  if (config.AUTH_MODE === "external") {
    const url = config.ISSUER_URL;
    if (url === undefined) throw new Fault("configuration-wrong", { detail: "AUTH_MODE external needs ISSUER_URL." });
    const keys = createRemoteJWKSet(new URL(`${url.replace(/\/$/, "")}/jwks`));
    return { issuer: url, keys, handler: undefined, close: () => {} };
  }
  const ids = registry.clients.map((client) => client.id);
  const issuer = createIssuer({
    publicUrl: config.PUBLIC_URL,
    signingKeys: config.ISSUER_JWKS ?? "",
    clients: registry.clients,
    clientKeys: await readClientKeys(config.CLIENT_KEYS_DIR ?? "", ids),
    redis: ports.redis.commands,
    residentOf: (identityNumber) => welcomeResident(ports, identityNumber),
    authenticationFailed,
    now: ports.now,
    log: ports.log,
  });
  await issuer.warm();
  const timer = setInterval(() => void issuer.warm(), epochMs).unref();
  return { issuer: issuer.url, keys: issuer.keys, handler: issuer.handler, close: () => clearInterval(timer) };
}

async function serve({ config }: Ports, app: RequestListener): Promise<() => Promise<void>> {
  const server = createHttpServer(app);
  await new Promise<void>((resolve, reject) =>
    server.once("error", reject).listen(config.HTTP_PORT, config.HTTP_HOST, resolve),
  );
  return async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await closed;
  };
}
