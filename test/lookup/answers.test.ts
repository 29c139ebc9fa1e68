import type { ResourceId } from "../../src/kernel/brand.ts";
import { describeAnswers } from "../contract/answers.contract.ts";
import { createMemoryAnswers, createMemoryProgress } from "../fakes/lookup-world.ts";

describeAnswers("in memory", async () => ({
  answers: createMemoryAnswers(),
  progress: createMemoryProgress(),
  id: (name) => `h-${name}` as ResourceId,
}));
