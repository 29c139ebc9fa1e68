import type { InstitutionCode, ResourceId } from "../../kernel/brand.ts";
import type { SourceAnswer } from "../../sources/answer.ts";

/**
 * Port to the sealed copies of what institutions with a server of their own answered, each under an id of its own. They may vanish at any time, which
 * costs asking again and nothing else; no method throws.
 */
export interface LateAnswers {
  keep(under: ResourceId, answer: SourceAnswer): Promise<void>;
  kept(under: ResourceId, source?: InstitutionCode): Promise<readonly SourceAnswer[]>;
  /** Runs `ask` unless the same source is being asked under this id already: then waits for that answer. */
  once(under: ResourceId, source: InstitutionCode, ask: () => Promise<SourceAnswer>): Promise<SourceAnswer>;
}

/** Port to the word that a late answer is there. It may be lost: whoever listens also looks from time to time. Never throws. */
export interface LateNews {
  tell(check: ResourceId, news: "source"): Promise<void>;
  /** `heard` is called at each word until the returned function is. */
  listen(check: ResourceId, heard: () => void): Promise<() => void>;
}
