import type { Environment } from "./expression-names.ts";
import type { IdentityRule } from "./identity.ts";
import type { MappingProblem } from "./mapped.ts";
import type { YamlSource } from "./yaml-source.ts";

/** What is needed to compile the elements of one emitted resource. */
export interface ElementContext {
  readonly source: YamlSource;
  readonly mapping: string;
  readonly env: Environment;
  readonly rules: ReadonlyMap<string, IdentityRule>;
  /** Names in `with`. */
  readonly joins: readonly string[];
  /** Name in `with` of the row in hand; undefined = the head's. */
  readonly row: string | undefined;
  /** The environment of the rows of a join. */
  readonly each: (name: string) => Environment | undefined;
  readonly problems: MappingProblem[];
}
