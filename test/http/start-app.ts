import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Express } from "express";
import { pino } from "pino";
import { Registry } from "prom-client";
import { createAuthenticationFailures } from "../../src/http/authentication-failures.ts";
import { type AppDeps, createApp } from "../../src/http/create-app.ts";
import { createHttpServer } from "../../src/http/create-server.ts";
import type { FailedAuthentications, UseCases } from "../../src/http/use-cases.ts";
import { cdsRules } from "./cds-tokens.ts";
import { fakeUseCases, type Seen } from "./fake-use-cases.ts";
import { audience, noon, rules } from "./tokens.ts";

/** The app on fake use cases, everything it logged, and everything its use cases saw. */
export interface StartedApp {
  readonly app: Express;
  readonly seen: Seen;
  readonly logged: string[];
  readonly failures: FailedAuthentications[];
  tellFailures(): Promise<void>;
}

export function startApp(changes: Partial<UseCases> = {}, more: Partial<AppDeps> = {}): StartedApp {
  const logged: string[] = [];
  const log = pino({ level: "trace" }, { write: (line: string) => void logged.push(line) });
  const { useCases, seen } = fakeUseCases(changes);
  const failures: FailedAuthentications[] = [];
  const counter = createAuthenticationFailures({
    report: async (one) => void failures.push(one),
    now: () => noon,
    log,
  });
  const app = createApp({
    useCases,
    tokens: rules,
    cdsTokens: cdsRules(),
    failures: counter,
    metrics: new Registry(),
    log,
    now: () => noon,
    publicUrl: audience,
    ...more,
  });
  return { app, seen, logged, failures, tellFailures: () => counter.stop() };
}

/** Serves the app on a free port for as long as `use` runs: for bodies and streams that supertest would hold back. */
export async function listening(app: Express, use: (url: string) => Promise<void>): Promise<void> {
  const server = createHttpServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
