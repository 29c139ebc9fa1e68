import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { engineEnv } from "../../scripts/platform/engine.js";
import { hapiCommand } from "../../scripts/platform/hapi.js";
import { postgresSettings } from "../../scripts/platform/postgres.js";
import { redisSettings } from "../../scripts/platform/redis.js";
import { readConfig, Settings } from "../../src/config.ts";

interface Service {
  readonly image?: string;
  readonly environment?: Record<string, string>;
  readonly command?: string[];
  readonly ports?: string[];
  readonly healthcheck?: unknown;
}

const compose: { services: Record<string, Service> } = parse(readFileSync("docker-compose.yml", "utf8"), { merge: true });
const roles = ["api", "worker", "mllp"] as const;

function service(name: string): Service {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

/** ${NAME:-value} as docker compose reads it when NAME is not set. */
function withDefaults(environment: Record<string, string>): Record<string, string> {
  const plain = (value: string) => value.replace(/\$\{\w+:-([^}]*)\}/g, "$1");
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, plain(value)]));
}

describe("docker compose starts the same platform as npm start", () => {
  it.each(roles)("the engine as %s has the same settings", (role) => {
    const started = engineEnv({
      dir: ".hutong",
      role,
      port: 1,
      mllpPort: role === "mllp" ? 2 : undefined,
      hapi: { url: "http://127.0.0.1:3/fhir" },
      redis: { url: "redis://127.0.0.1:4" },
    });
    const composed = service(role).environment ?? {};
    expect(Object.keys(composed).sort()).toEqual(Object.keys(started).sort());
    expect(composed.ROLES).toBe(role);
  });

  it.each(roles)("the settings of the engine as %s are ones it knows, and none is wrong", (role) => {
    const environment = withDefaults(service(role).environment ?? {});
    const known = Object.keys(Settings.shape).flatMap((name) => [name, `${name}_FILE`]);
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);

    // The key files are in the container only: here each is given by value.
    const secrets = ["ID_KEY", "INDEX_KEY", "DATA_KEY", "ISSUER_JWKS"];
    const rest = Object.entries(environment).filter(([name]) => !secrets.includes(name.replace(/_FILE$/, "")));
    const config = readConfig({
      ...Object.fromEntries(rest),
      ...Object.fromEntries(secrets.map((name) => [name, "0".repeat(64)])),
    });
    expect(config.ROLES).toEqual([role]);
  });

  it("HAPI is the same version with the same file of settings and the same environment", () => {
    const hapi = service("hapi");
    const version = /<hapi\.version>(.*)<\/hapi\.version>/.exec(readFileSync("hapi/pom.xml", "utf8"))?.[1];
    expect(hapi.image).toBe(`hapiproject/hapi:v${version}-1`);
    expect(readFileSync("hapi/Dockerfile", "utf8")).toContain(`FROM ${hapi.image} `);

    const { java, env } = hapiCommand({ dir: ".hutong", port: 1, databasePort: 2, heap: "2g", build: "build" });
    const environment = hapi.environment ?? {};
    const ofCompose = Object.keys(environment).filter((name) => name.startsWith("HAPI_"));
    expect(ofCompose.sort()).toEqual(Object.keys(env).sort());
    for (const option of java) expect(environment.JAVA_TOOL_OPTIONS?.split(" ")).toContain(option);
  });

  it("every setting that HAPI's file leaves open has a default or is given by both", () => {
    const open = [...readFileSync("hapi/application.yaml", "utf8").matchAll(/\$\{([A-Z_]+)\}/g)].map((match) => match[1]);
    expect(open.filter((name) => !Object.hasOwn(service("hapi").environment ?? {}, name ?? ""))).toEqual([]);
  });

  it("PostgreSQL has the same settings, but for where it listens", () => {
    const composed = (service("postgres").command ?? []).slice(1).map((argument) => argument.replace(/^-c/, ""));
    const { listen_addresses, unix_socket_directories, ...same } = postgresSettings;
    expect(composed.sort()).toEqual(
      Object.entries(same)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    );
    expect([listen_addresses, unix_socket_directories]).toEqual(["127.0.0.1", ""]);
    expect(composed.join(" ")).not.toMatch(/fsync|synchronous_commit/);
  });

  it("Redis keeps its log and evicts nothing in both", () => {
    const composed = (service("redis").command ?? []).slice(1);
    expect(composed).toEqual(Object.entries(redisSettings).flatMap(([name, value]) => [`--${name}`, value]));
    expect(redisSettings).toMatchObject({ appendonly: "yes", "maxmemory-policy": "noeviction" });
  });

  it("only the engine can be reached from outside, and every lasting server has a health check", () => {
    const published = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name).sort()).toEqual(["api", "mllp"]);
    const lasting = Object.keys(compose.services).filter((name) => !["keys", "hapi-classes", "sample"].includes(name));
    expect(lasting.filter((name) => service(name).healthcheck === undefined)).toEqual([]);
  });
});
