import { expect, it } from "@jest/globals";
import { unpackFiles } from "../../src/ingest/unpack-files.ts";
import { fileOf } from "../mapping/map-files.ts";
import { mutate, seeded } from "../mapping/mutate.ts";
import { zipOf } from "./zip-file.ts";

const files = Number(process.env.FUZZ_FILES ?? 10_000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

it("10,000 broken zips are refused whole, told with a reason, or give the very files that were put in", async () => {
  const contents = ["编号,姓名\n1,张三\n", "编号,结果\n1,阴性\n"];
  const zip = zipOf(contents.map((text, at) => ({ name: `part${at}.csv`, bytes: Buffer.from(text) })));
  for (let number = 0; number < files; number++) {
    const mutated = mutate([zip], seeded(seed * 1_000_003 + number));
    const { files: found, issues } = await unpackFiles([fileOf("a.zip", mutated.bytes)]);
    if (issues.length > 0) {
      expect(found).toEqual([]);
      expect(issues[0]?.reason).toMatch(/.{20}/);
      continue;
    }
    if (found.length === 1 && found[0]?.name === "a.zip") continue; // no longer begins like a zip: goes on as the file it is, which no table reads
    const texts: string[] = [];
    for (const file of found) {
      const pieces: Uint8Array[] = [];
      for await (const piece of file.open()) pieces.push(piece);
      texts.push(Buffer.concat(pieces).toString());
    }
    if (JSON.stringify(texts) !== JSON.stringify(contents))
      throw new Error(`zip ${number} (${mutated.kind}) gave ${texts.length} files`);
  }
}, 120_000);
