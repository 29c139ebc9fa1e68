import { readFileSync } from "node:fs";
import { z } from "zod";

const port = z.coerce.number().int().min(1).max(65535);
const role = z.enum(["api", "worker", "mllp", "channels"]);
const key = z
  .string()
  .regex(/^[0-9a-f]{64}$/i, "must be 64 hex digits (32 bytes)")
  .transform((hex) => Buffer.from(hex, "hex"));

/** Every setting of the engine, with its unit in the name. `<NAME>_FILE` names a file that holds the value of `<NAME>`. */
export const Settings = z.object({
  ROLES: z
    .string()
    .default("api,worker,mllp,channels")
    .transform((list) => list.split(","))
    .pipe(z.array(role).min(1)),
  HTTP_HOST: z.string().default("127.0.0.1"),
  HTTP_PORT: port,
  PUBLIC_URL: z.url({ protocol: /^https?$/ }),
  HAPI_URL: z.url({ protocol: /^https?$/ }),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  LANDING_DIR: z.string().min(1),
  REGISTRY_FILE: z.string().default("scripts/sample/region/registry.yaml"),
  MAPPINGS_DIR: z.string().default("mappings"),
  PROFILES_DIR: z.string().default("profiles"),
  RECOGNITION_REGION: z.string().default("linhu"),
  /** How long a reminder waits for its answer before it counts as ignored (未处理). */
  RECOGNITION_ANSWER_HOURS: z.coerce.number().int().min(1).max(8760).default(72),
  /** How long a notice waits before it is told again, and before it is the operator's too. */
  NOTICE_RETELL_HOURS: z.coerce.number().min(0.001).max(8760).default(24),
  NOTICE_ESCALATE_HOURS: z.coerce.number().min(0.001).max(8760).default(72),
  /** Folder with the built pages. */
  WEB_DIR: z.string().default("dist/web"),
  MLLP_HOST: z.string().default("127.0.0.1"),
  MLLP_PORT: port.optional(),
  /** Raw files of exports completed longer ago are deleted; absent = they are kept for ever. */
  RAW_RETENTION_DAYS: z.coerce.number().int().min(30).max(36_500).optional(),
  /** Folder that senders drop deliveries into, one folder a feed; the role `channels` looks at it. */
  INBOX_DIR: z.string().min(1).optional(),
  INBOX_TAKEN: z.enum(["keep", "delete"]).default("keep"),
  INBOX_LOOK_MS: z.coerce.number().int().min(200).default(5000),
  /** How long a closed delivery may lack files before it is refused. */
  INBOX_PATIENCE_MINUTES: z.coerce.number().min(0.01).default(60),
  /** Folder with a YAML file for each feed that is pulled from a database; passwords: `PULL_<FEED>_PASSWORD`. */
  PULLS_DIR: z.string().min(1).optional(),
  ID_KEY: key,
  INDEX_KEY: key,
  DATA_KEY: key,
  AUTH_MODE: z.enum(["embedded", "external"]).default("embedded"),
  ISSUER_URL: z.url().optional(),
  ISSUER_JWKS: z.string().optional(),
  CLIENT_KEYS_DIR: z.string().optional(),
  SOURCE_TIMEOUT_MS: z.coerce.number().int().min(100).default(8000),
  ANSWER_TTL_SECONDS: z.coerce.number().int().min(60).default(3600),
  ANSWER_WINDOW_HOURS: z.coerce.number().int().min(1).default(72),
  SWEEP_INTERVAL_MS: z.coerce.number().int().min(200).default(5000),
  /** How often what waits for a person, a date or a parent is asked again. */
  SWEEP_WAITING_INTERVAL_MS: z.coerce.number().int().min(1000).default(60_000),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(50).default(16),
  /** Takes identity numbers of the unassigned province 99, which only sample people have. */
  ALLOW_TEST_REGIONS: z.stringbool().default(false),
  /** Resources in one transaction of an export. */
  INGEST_ENTRIES: z.coerce.number().int().min(10).max(100).default(100),
  /** Transactions under way at once while an export is written. */
  INGEST_IN_FLIGHT: z.coerce.number().int().min(1).max(16).default(3),
  /** How long a row waits for the sheet it belongs to. */
  ORPHAN_WAIT_DAYS: z.coerce.number().int().min(1).max(3650).default(30),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
});

/**
 * The settings, the password of each pulled feed's database (`PULL_A_TB_PASSWORD` for feed `a-tb`), and the bearer token of each institution's own FHIR server
 * that wants one (`SOURCE_B_CENTRAL_TOKEN` for institution `b-central`), and the secret with which calls to an institution are signed (`CALLBACK_B_CENTRAL_SECRET`).
 */
export type Config = Readonly<z.output<typeof Settings>> & {
  readonly PULL_PASSWORDS: ReadonlyMap<string, string>;
  readonly SOURCE_TOKENS: ReadonlyMap<string, string>;
  readonly CALLBACK_SECRETS: ReadonlyMap<string, string>;
};

/** A signature is worth no more than its secret: 24 bytes at least (Standard Webhooks 1.0.0). */
const shortestSecret = 24;

/** Reads the environment once. Throws one Error that names every wrong setting; a `<NAME>_FILE` is read in place of `<NAME>`. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const values: Record<string, string | undefined> = { ...env };
  const unreadable: string[] = [];
  for (const name of Object.keys(Settings.shape)) {
    const file = env[`${name}_FILE`];
    if (file === undefined || name.endsWith("_FILE")) continue;
    try {
      values[name] = readFileSync(file, "utf8").trim();
    } catch {
      unreadable.push(`${name}_FILE: the file cannot be read`);
    }
  }
  const passwords = secretsIn(env, /^PULL_([A-Z0-9_]+)_PASSWORD(_FILE)?$/, unreadable);
  const tokens = secretsIn(env, /^SOURCE_([A-Z0-9_]+)_TOKEN(_FILE)?$/, unreadable);
  const secrets = secretsIn(env, /^CALLBACK_([A-Z0-9_]+)_SECRET(_FILE)?$/, unreadable);
  for (const [institution, secret] of secrets) {
    const name = `CALLBACK_${institution.toUpperCase().replaceAll("-", "_")}_SECRET`;
    if (secret.length < shortestSecret) unreadable.push(`${name}: must have at least ${shortestSecret} characters`);
  }
  const parsed = Settings.safeParse(values);
  const problems = [...unreadable, ...(parsed.success ? [] : [z.prettifyError(parsed.error)])];
  if (!parsed.success || problems.length > 0) throw new Error(`configuration is wrong:\n${problems.join("\n")}`);
  return Object.freeze({ ...parsed.data, PULL_PASSWORDS: passwords, SOURCE_TOKENS: tokens, CALLBACK_SECRETS: secrets });
}

/** Secrets of which each belongs to a feed or an institution that stands in its name. */
function secretsIn(env: NodeJS.ProcessEnv, pattern: RegExp, unreadable: string[]): Map<string, string> {
  const secrets = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    const [, owner, file] = pattern.exec(name) ?? [];
    if (owner === undefined || value === undefined) continue;
    try {
      secrets.set(owner.toLowerCase().replaceAll("_", "-"), file === undefined ? value : readFileSync(value, "utf8").trim());
    } catch {
      unreadable.push(`${name}: the file cannot be read`);
    }
  }
  return secrets;
}
