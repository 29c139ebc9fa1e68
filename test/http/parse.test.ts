import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { authenticate } from "../../src/http/authenticate.ts";
import { parseJson } from "../../src/http/parse-json.ts";
import { parseQuery } from "../../src/http/parse-query.ts";
import { claimsOf, rules } from "./tokens.ts";

const forbidden = new Set(["__proto__", "constructor", "prototype"]);
const key = fc.string({ unit: "grapheme" }).filter((name) => !forbidden.has(name));
const { value: json } = fc.letrec((again) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.string({ unit: "grapheme" }),
    fc.array(again("value"), { maxLength: 5 }),
    fc.dictionary(key, again("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
}));
const bytes = (text: string) => new TextEncoder().encode(text);
const refused = expect.objectContaining({ code: "request-invalid" });
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("strict JSON", () => {
  it("reads everything that JSON can say, indented or not", () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 2), (value, indent) => {
        expect(parseJson(bytes(JSON.stringify(value, null, indent)))).toEqual(value);
      }),
    );
  });

  it("refuses a key that stands twice in one object, wherever that object is, and not one that stands in two", () => {
    fc.assert(
      fc.property(key, json, json, (name, one, other) => {
        const member = (value: unknown) => `${JSON.stringify(name)} : ${JSON.stringify(value)}`;
        const twice = `[{"outer": {${member(one)}, ${member(other)}}}]`;
        expect(() => parseJson(bytes(twice))).toThrow(refused);
        const apart = `[{${member(one)}}, {${member(other)}}]`;
        expect(() => parseJson(bytes(apart))).not.toThrow();
      }),
    );
  });

  it("bytes of any kind are read or refused, nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string().map(bytes)), (any) => {
        try {
          parseJson(any);
        } catch (error) {
          expect(error).toEqual(refused);
        }
      }),
    );
  });

  it("2 MB of hostile text take no longer than they should", () => {
    const started = performance.now();
    for (const text of ['"\\'.repeat(500_000), '["a",'.repeat(200_000), `"${"\\\\".repeat(500_000)}`]) {
      expect(() => parseJson(bytes(text))).toThrow(refused);
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe("query strings", () => {
  it("names and values come back as they were encoded, each name once", () => {
    const names = fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => !/\d{9}/.test(name));
    fc.assert(
      fc.property(fc.dictionary(names, names), (query) => {
        const text = Object.entries(query)
          .map((pair) => pair.map(encodeURIComponent).join("="))
          .join("&");
        expect({ ...parseQuery(`/x?${text}`) }).toEqual({ ...query });
      }),
    );
  });

  it.each([
    ["a date and time", "TB_20261118031500.csv"],
    ["a longer serial", "1101011990010100180001"],
    ["17 digits", "20261118031500123"],
  ])("%s is no person's number", (_said, value) => {
    expect(parseQuery(`/x?file=${value}`)).toEqual({ file: value });
  });
});

describe("tokens of any kind", () => {
  it("are refused, and never blamed on the issuer", async () => {
    const header = fc.record(
      {
        alg: fc.constantFrom("ES256", "ES384", "RS384", "none", "HS256", "EdDSA", 5, null),
        typ: fc.constantFrom("at+jwt", "JWT", 1),
        kid: fc.constantFrom("k1", "k2", 5, null, "../k1"),
        crit: fc.constantFrom([], ["b64"], ["exp"], "b64", null),
        b64: fc.boolean(),
        zip: fc.constant("DEF"),
        jwk: fc.constant({ kty: "oct", k: "AA" }),
      },
      { requiredKeys: [] },
    );
    const payload = fc.constantFrom<unknown>(claimsOf("institution"), [], null, 5, {});
    const signature = fc.constantFrom("", "AA", "A".repeat(86), "A".repeat(128));
    const token = fc.tuple(header, payload, signature).map(([head, body, sign]) => `${part(head)}.${part(body)}.${sign}`);
    await fc.assert(
      fc.asyncProperty(fc.oneof(token, fc.string()), async (text) => {
        expect(await authenticate(rules, `Bearer ${text}`)).toMatchObject({ kind: "nobody" });
      }),
      { numRuns: 500 },
    );
  });
});
