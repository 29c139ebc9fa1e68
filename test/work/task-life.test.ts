import type { ResourceId } from "../../src/kernel/brand.ts";
import { describeWork } from "../contract/work.contract.ts";
import { createMemoryStore } from "../fakes/memory-store.ts";

describeWork("in memory", async () => ({ store: createMemoryStore(), id: (name) => `h-${name}` as ResourceId }));
