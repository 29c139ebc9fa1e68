import type { MappingProblem } from "../../mapping/mapped.ts";
import { templateContents } from "../../mapping/template-contents.ts";
import type { VersionFile } from "./version.ts";

/**
 * Templates that make something else than in a mapping that counted before, under a version that is not greater: at an equal issue the greater
 * `version` wins, so nothing stored would follow them, and no replay would change it. One problem for each template.
 */
export function unraisedTemplates(
  feed: string,
  files: readonly VersionFile[],
  counted: readonly (readonly VersionFile[])[],
): MappingProblem[] {
  const before = counted.flatMap((some) => templateContents(feed, some));
  return templateContents(feed, files).flatMap(({ mapping, version, file, content }) => {
    const changed = before.filter((one) => one.mapping === mapping && one.version >= version && one.content !== content);
    if (changed.length === 0) return [];
    const highest = Math.max(...changed.map((one) => one.version));
    const reason =
      `${mapping} has version ${version}, and version ${highest} of it counted with another content (the template itself, what feed.yaml or family.yaml ` +
      `say of its tables, or a code table it names); write version: ${highest + 1}, so that a replay reaches what is stored`;
    return [{ file, line: 1, reason }];
  });
}
