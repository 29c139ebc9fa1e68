import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { Basic } from "@medplum/fhirtypes";
import { connectTestHapi, type TestHapi } from "../servers.ts";

let hapi: TestHapi;
beforeAll(async () => {
  hapi = await connectTestHapi();
}, 120_000);
afterAll(() => hapi.client.close());

it("a list of thousands is read to its end, each resource once: the sweeper must not miss the last ones", async () => {
  const system = `urn:hutong:test:${hapi.id("list")}`;
  const all = Array.from({ length: 2_450 }, (_, at): Basic => {
    const code = { coding: [{ system, code: "one" }] };
    return { resourceType: "Basic", id: `${hapi.id("list")}-${at}`, code };
  });
  for (let at = 0; at < all.length; at += 350) {
    const lot = all.slice(at, at + 350);
    await Promise.all(
      [0, 1, 2, 3].map((part) =>
        hapi.store.createMissing(
          hapi.one,
          lot.filter((_, index) => index % 4 === part),
        ),
      ),
    );
  }
  const found = await hapi.store.searchAll(hapi.one, "Basic", { code: `${system}|one` });
  expect(found.map((one) => one.id).sort()).toEqual(all.map((one) => one.id).sort());
}, 120_000);
