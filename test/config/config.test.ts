import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { readConfig } from "../../src/config.ts";

const key = "ab".repeat(32);
const right = {
  HTTP_PORT: "8080",
  PUBLIC_URL: "http://127.0.0.1:8080",
  HAPI_URL: "http://127.0.0.1:8081/fhir",
  REDIS_URL: "redis://127.0.0.1:6379",
  LANDING_DIR: "/tmp/landing",
  ID_KEY: key,
  INDEX_KEY: key,
  DATA_KEY: key,
};

describe("configuration", () => {
  it("is read once, with defaults, and cannot be changed", () => {
    const config = readConfig(right);
    expect(config).toMatchObject({ ROLES: ["api", "worker", "mllp", "channels"], SOURCE_TIMEOUT_MS: 8000 });
    expect(Object.isFrozen(config)).toBe(true);
  });
  it("names every wrong setting at once", () => {
    const wrong = () => readConfig({ ...right, HTTP_PORT: "0", ID_KEY: "short", ROLES: "api,cook" });
    expect(wrong).toThrow(/HTTP_PORT/);
    expect(wrong).toThrow(/ID_KEY/);
    expect(wrong).toThrow(/ROLES/);
  });
  it("takes a secret from a file, and says when the file cannot be read", () => {
    const file = join(mkdtempSync(join(tmpdir(), "hutong-")), "id.key");
    writeFileSync(file, `${key}\n`);
    const { ID_KEY: _, ...rest } = right;
    expect(readConfig({ ...rest, ID_KEY_FILE: file }).ID_KEY.length).toBe(32);
    expect(() => readConfig({ ...rest, ID_KEY_FILE: "/nowhere/id.key" })).toThrow(/ID_KEY_FILE/);
  });
  it("takes the password of each pulled database by its feed's name, or from a file", () => {
    const file = join(mkdtempSync(join(tmpdir(), "hutong-")), "password");
    writeFileSync(file, "from-file\n");
    const config = readConfig({ ...right, PULL_A_TB_PASSWORD: "plain", PULL_B_SNAKE_PASSWORD_FILE: file });
    expect([...config.PULL_PASSWORDS]).toEqual([
      ["a-tb", "plain"],
      ["b-snake", "from-file"],
    ]);
    expect(() => readConfig({ ...right, PULL_A_PASSWORD_FILE: "/nowhere" })).toThrow(/PULL_A_PASSWORD_FILE/);
  });
  it("takes the secret by which calls to an institution are signed, and refuses one that is too short to sign with", () => {
    const secret = "a-secret-of-thirty-two-characters";
    expect([...readConfig({ ...right, CALLBACK_C_COUNTY_SECRET: secret }).CALLBACK_SECRETS]).toEqual([["c-county", secret]]);
    expect(() => readConfig({ ...right, CALLBACK_C_COUNTY_SECRET: "short" })).toThrow(/CALLBACK_C_COUNTY_SECRET/);
  });
});
