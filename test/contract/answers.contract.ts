import { beforeAll, describe, expect, it } from "@jest/globals";
import type { Observation } from "@medplum/fhirtypes";
import type { InstitutionCode, ResourceId } from "../../src/kernel/brand.ts";
import { pause } from "../../src/kernel/clock.ts";
import { digitsOf, exactNumber } from "../../src/kernel/exact-json.ts";
import type { News, Progress, SealedAnswers } from "../../src/lookup/lookup-deps.ts";
import type { SourceAnswer } from "../../src/sources/answer.ts";

const [a, b] = ["a-provincial", "b-central"] as unknown as [InstitutionCode, InstitutionCode];
const askedAt = new Date().toISOString();
const answer = (institution: InstitutionCode, ...names: string[]): SourceAnswer => ({
  institution,
  outcome: "answered",
  askedAt,
  resources: names.map(
    (name): Observation => ({
      resourceType: "Observation",
      id: `h-${name}`,
      status: "final",
      code: { text: "肌酐" },
      valueQuantity: { value: exactNumber("11.30") },
    }),
  ),
});

/** What every keeper of sealed answers, and every carrier of words about them, must do. */
export function describeAnswers(
  name: string,
  prepare: () => Promise<{ answers: SealedAnswers; progress: Progress; id: (name: string) => ResourceId }>,
): void {
  describe(`sealed answers: ${name}`, () => {
    let answers: SealedAnswers;
    let progress: Progress;
    let id: (name: string) => ResourceId;
    beforeAll(async () => {
      ({ answers, progress, id } = await prepare());
    });

    it("come back as they were kept, down to the digits", async () => {
      await answers.keep(id("kept"), answer(a, "1", "2"));
      const [kept] = await answers.kept(id("kept"));
      expect(kept).toMatchObject({ institution: a, outcome: "answered", askedAt });
      const [result] = (kept?.resources ?? []) as Observation[];
      expect([result?.code.text, digitsOf(result?.valueQuantity?.value ?? 0)]).toEqual(["肌酐", "11.30"]);
    });

    it("are kept source by source, a later one in place of the earlier", async () => {
      await answers.keep(id("many"), answer(a, "1"));
      await answers.keep(id("many"), answer(b, "2"));
      await answers.keep(id("many"), answer(a, "3"));
      expect([...(await answers.sources(id("many")))].sort()).toEqual([a, b]);
      expect((await answers.kept(id("many"), a)).map((one) => one.resources[0]?.id)).toEqual(["h-3"]);
      expect(await answers.kept(id("many"))).toHaveLength(2);
    });

    it("are not there for another lookup, nor for a source that did not answer", async () => {
      await answers.keep(id("mine"), answer(a, "1"));
      expect(await answers.kept(id("other"))).toEqual([]);
      expect(await answers.sources(id("other"))).toEqual([]);
      expect(await answers.kept(id("mine"), b)).toEqual([]);
    });

    it("a source is asked once at a time; who comes later gets the same answer", async () => {
      let asked = 0;
      const ask = async () => {
        asked++;
        await pause(20);
        return answer(a, `asked-${asked}`);
      };
      const both = await Promise.all([answers.once(id("once"), a, ask), answers.once(id("once"), a, ask)]);
      expect(both.map((one) => one.resources[0]?.id)).toEqual(["h-asked-1", "h-asked-1"]);
      expect((await answers.once(id("once"), a, ask)).resources[0]?.id).toBe("h-asked-2");
    });

    it("a source whose asking failed can be asked again", async () => {
      await expect(answers.once(id("broken"), a, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
      expect((await answers.once(id("broken"), a, async () => answer(a))).outcome).toBe("answered");
    });

    it("words about a lookup reach everybody who listens to it, and nobody else, until they stop", async () => {
      const heard: Record<string, News[]> = { one: [], two: [], other: [] };
      const stopOne = await progress.listen(id("news"), (news) => heard.one?.push(news));
      const stopTwo = await progress.listen(id("news"), (news) => heard.two?.push(news));
      const stopOther = await progress.listen(id("quiet"), (news) => heard.other?.push(news));
      await progress.tell(id("news"), "source");
      await pause(50);
      stopOne();
      await progress.tell(id("news"), "status");
      await pause(50);
      stopTwo();
      stopOther();
      expect(heard).toEqual({ one: ["source"], two: ["source", "status"], other: [] });
    });
  });
}
