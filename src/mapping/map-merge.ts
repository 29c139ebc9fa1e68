import type { Row, Run } from "./compiled.ts";
import { tell } from "./compiled.ts";
import type { Template } from "./compiled-template.ts";
import { identityOf, lackingKey } from "./identity.ts";
import { orderOf } from "./map-sheet.ts";
import type { MappedMerge } from "./mapped.ts";
import { tellRow } from "./row-fate.ts";
import { type Owner, openSheet } from "./sheet-scope.ts";

/**
 * What a row says about two local Patients that are one. Undefined when the template merges nothing, `when` does not hold, or a key is incomplete, which
 * is told. A row of a template that only merges is accounted for here; else its sheet accounts for it.
 */
export function mapMerge(
  template: Template,
  source: { readonly head: Row; readonly institution: Owner },
  run: Run,
): MappedMerge | undefined {
  const { merge } = template;
  if (merge === undefined) return undefined;
  const { head, institution } = source;
  const alone = template.emissions.length === 0;
  const scope = openSheet(head, institution, new Map(), run);
  if (merge.when !== undefined && merge.when(scope) !== true) {
    if (alone && head.fate !== "mapped") {
      tellRow(run, head, "left-out", "the template's merge.when leaves this row out");
      head.fate = "issue";
    }
    return undefined;
  }
  const [from, into] = [identityOf(merge.from, scope), identityOf(merge.into, scope)];
  if (from === undefined || into === undefined || from.id === into.id) {
    const lacking = from === undefined ? merge.from : into === undefined ? merge.into : undefined;
    const reason = lacking === undefined ? "a patient cannot give way to itself" : lackingKey(lacking, scope, head).reason;
    tell(scope, { severity: "error", code: "missing-key", reason }, merge.place);
    if (alone && head.fate !== "mapped") head.fate = "issue";
    return undefined;
  }
  if (alone) head.fate = "mapped";
  return {
    tenant: institution.tenant,
    from: { id: from.id, key: from.key },
    into: { id: into.id, key: into.key },
    order: orderOf(template, scope),
    digest: head.digest,
    mapping: template.mapping,
    file: head.file,
    line: head.line,
  };
}
