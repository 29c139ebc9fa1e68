import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { createFeedBook } from "../../src/ingest/mapping-versions/feed-book.ts";
import { digestOf, draftLibrary } from "../../src/ingest/mapping-versions/version.ts";
import { arrangeUpload, withShipped } from "../../src/ingest/mapping-versions/version-files.ts";
import type { Feed } from "../../src/mapping/compile-feed.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";
import { feedIn, fileOf } from "../mapping/map-files.ts";

const upload = (...names: string[]) => names.map((name) => fileOf(name, "x: 1"));
const paths = async (feed: string, ...names: string[]) => {
  const arranged = await arrangeUpload(feed, upload(...names));
  return arranged.kind === "arranged" ? arranged.files.map((file) => file.path).sort() : arranged.reason;
};

describe("the files of an upload", () => {
  it.each([
    {
      said: "one by one: CSV belongs to the tables",
      names: ["feed.yaml", "lab.yaml", "item.csv"],
      found: ["f/feed.yaml", "f/lab.yaml", "f/tables/item.csv"],
    },
    {
      said: "the feed's folder packed",
      names: ["a.zip/f/feed.yaml", "a.zip/f/tables/item.csv"],
      found: ["f/feed.yaml", "f/tables/item.csv"],
    },
    {
      said: "a folder of mappings packed",
      names: ["a.zip/m/f/feed.yaml", "a.zip/m/tables/sex.csv", "a.zip/m/families/v/lab.yaml"],
      found: ["f/feed.yaml", "families/v/lab.yaml", "tables/sex.csv"],
    },
    { said: "with cases and notes", names: ["f/feed.yaml", "f/cases/one/export/a.csv", "f/README.md"], found: ["f/feed.yaml"] },
    { said: "of several feeds: the one that is named", names: ["m/e/feed.yaml", "m/f/feed.yaml"], found: ["f/feed.yaml"] },
    { said: "without a feed", names: ["lab.yaml"], found: "holds no feed.yaml" },
    {
      said: "with a path that leaves the folder",
      names: ["../feed.yaml"],
      found: "holds too many files, or one outside its folder",
    },
  ])("$said", async ({ names, found }) => expect(await paths("f", ...names)).toEqual(found));

  it("are completed by the region's tables; an uploaded one of the same name wins", async () => {
    const own = [
      { path: "f/feed.yaml", text: "feed: f" },
      { path: "tables/sex.csv", text: "mine" },
    ];
    const all = await withShipped(own, "f", "mappings");
    expect(all.filter((file) => file.path === "tables/sex.csv")).toEqual([own[1]]);
    expect(all.map((file) => file.path)).toContain("tables/unit.csv");
  });

  it("name the version by their content, in whatever order", () => {
    const [a, b] = [
      { path: "a", text: "1" },
      { path: "b", text: "2" },
    ];
    expect(digestOf([a, b])).toBe(digestOf([b, a]));
    expect(digestOf([a])).not.toBe(digestOf([{ ...a, text: "2" }]));
  });
});

describe("the feeds that count", () => {
  const county = "test/mapping/county-a";
  const files = ["feed.yaml", "report.yaml", "tables/lab-item.csv", "tables/lis-flag.csv", "tables/row-state.csv"].map(
    (name) => ({
      path: `county-a/${name}`,
      text: readFileSync(`${county}/${name}`, "utf8").replace("version: 3", "version: 4"),
    }),
  );
  const library = draftLibrary(
    {
      id: `h${"1".repeat(40)}`,
      feed: "county-a",
      templates: ["report@4"],
      digest: digestOf(files),
      uploadedBy: "operator",
      files,
    },
    new Date("2026-11-18T00:00:00Z"),
  );
  const put = (status: "draft" | "active" | "retired") => ({ kind: "put", resource: { ...library, status } }) as const;

  it("are the shipped ones, outranked by what is activated, seen by whoever holds the map; a retired version gives way", async () => {
    const shipped = new Map<string, Feed>([["county-a-lis", await feedIn(county)]]);
    const store = createMemoryStore();
    const book = createFeedBook({ shipped, store, log: pino({ level: "silent" }) });
    const held = book.feeds;
    const version = async () => {
      await book.refresh();
      return held.get("county-a-lis")?.version;
    };
    await store.commit("DEFAULT", [put("draft")]);
    expect(await version()).toBe("report@3");
    await store.commit("DEFAULT", [put("active")]);
    expect(await version()).toBe("report@4");
    await store.commit("DEFAULT", [put("retired")]);
    expect(await version()).toBe("report@3");
  });
});
