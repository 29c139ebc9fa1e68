import { expect, it } from "@jest/globals";
import { refreshing } from "../../src/recognition/refreshing.ts";

const clock = () => {
  let ms = 0;
  const pass = (more: number) => {
    ms += more;
  };
  return { now: () => new Date(ms), pass };
};

it("loads once for many who ask at once", async () => {
  const { now } = clock();
  let loads = 0;
  const held = refreshing(async () => ++loads, { maxAgeMs: 60_000, now });
  expect(await Promise.all([held.get(), held.get(), held.get()])).toEqual([1, 1, 1]);
});

it("serves up to its age, renewing behind the scenes from half of it", async () => {
  const { now, pass } = clock();
  let loads = 0;
  const held = refreshing(async () => ++loads, { maxAgeMs: 60_000, now });
  await held.get();
  pass(30_000);
  expect(await held.get()).toBe(1);
  pass(1);
  expect(await held.get()).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await held.get()).toBe(2);
});

it("is never older than its age: then it is waited for", async () => {
  const { now, pass } = clock();
  let loads = 0;
  const held = refreshing(async () => ++loads, { maxAgeMs: 60_000, now });
  await held.get();
  pass(60_001);
  expect(await held.get()).toBe(2);
});

it("throws when it is too old and cannot be renewed, and tries again at the next call", async () => {
  const { now, pass } = clock();
  let down = false;
  const held = refreshing(async () => (down ? Promise.reject(new Error("down")) : "value"), { maxAgeMs: 60_000, now });
  await held.get();
  pass(60_001);
  down = true;
  await expect(held.get()).rejects.toThrow("down");
  down = false;
  expect(await held.get()).toBe("value");
});

it("a failed renewal behind the scenes disturbs nobody while the value is young enough", async () => {
  const { now, pass } = clock();
  let down = false;
  const held = refreshing(async () => (down ? Promise.reject(new Error("down")) : "value"), { maxAgeMs: 60_000, now });
  await held.get();
  down = true;
  pass(40_000);
  expect(await held.get()).toBe("value");
});
