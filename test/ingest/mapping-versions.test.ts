import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { pino } from "pino";
import { createFeedBook } from "../../src/ingest/mapping-versions/feed-book.ts";
import { unraisedTemplates } from "../../src/ingest/mapping-versions/unraised-templates.ts";
import { digestOf, draftLibrary } from "../../src/ingest/mapping-versions/version.ts";
import { arrangeUpload, shippedFiles, withShipped } from "../../src/ingest/mapping-versions/version-files.ts";
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

describe("a changed mapping under an old version number", () => {
  const files = async () => shippedFiles("d-tb", "mappings");
  const edited = async (path: string, from: string | RegExp, to: string) => {
    const all = await files();
    const found = all.find((file) => file.path === path);
    if (found === undefined || found.text.replace(from, to) === found.text) throw new Error(`${path} does not hold ${from}`);
    return all.map((file) => (file === found ? { path, text: file.text.replace(from, to) } : file));
  };
  const refused = async (changed: Awaited<ReturnType<typeof files>>) =>
    unraisedTemplates("d-tb", changed, [await files()]).map(({ reason }) => reason.split(" ")[0]);

  it.each([
    ["families/tb/patient.yaml", "name: XM", "name: LXRXM", "tb/patient"],
    ["families/tb/family.yaml", "CSRQ: { type: date8 }", "CSRQ: {}", "tb/patient"],
    ["tables/sex.csv", /$/, "\nX,unknown", "tb/patient"],
    ["families/tb/tables/registration.csv", /$/, "\n9,cancelled", "tb/outpatient"],
  ])("is refused by the name of its template: %s", async (path, from, to, template) => {
    expect(await refused(await edited(path, from, to))).toContain(template);
  });

  it("names only templates that make something else", async () => {
    expect(await refused(await edited("families/tb/tables/registration.csv", /$/, "\n9,cancelled"))).toEqual(["tb/outpatient"]);
    expect(await refused(await edited("families/tb/patient.yaml", /^# .*$/m, "# another note"))).toEqual([]);
    expect(await refused(await files())).toEqual([]);
  });

  it("passes once the version is raised, and says which number to write before", async () => {
    const changed = await edited("families/tb/patient.yaml", "name: XM", "name: LXRXM");
    const [problem] = unraisedTemplates("d-tb", changed, [await files()]);
    expect(problem).toMatchObject({ file: "families/tb/patient.yaml", reason: expect.stringContaining("write version: 3") });
    const raised = changed.map((file) => ({
      ...file,
      text: file.text.replace("version: 2\nfor: patient", "version: 3\nfor: patient"),
    }));
    expect(await refused(raised)).toEqual([]);
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
