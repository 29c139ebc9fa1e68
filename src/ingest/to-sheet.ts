import type { Patient } from "@medplum/fhirtypes";
import type { Issue } from "../fhir/issue.ts";
import type { MappedMerge, MappedResource, MappedSheet } from "../mapping/mapped.ts";
import { distinctRows, type Row, refOf, type Sheet } from "./sheet.ts";
import { listsOfSheet, withLists } from "./sheet-lists.ts";
import { personOfVisit, visitsIn, withVisitPatient } from "./visits.ts";

/** What the mapping gave, as the writer wants it: references computed, the report's lists sorted. `place` counts sheets of the export. */
export function toSheet(mapped: MappedSheet, place: number): Sheet {
  const [first, ...others] = mapped.members;
  if (first === undefined) throw new TypeError("a mapped sheet has no head");
  const { order, mapping, generation } = mapped;
  const head = toRow(first, mapping, { order, digest: first.digest, state: first.state, generation });
  // A row's resource also tells what stands on its sheet (times, reviewer): of two issues that differ only there, one must win for ever.
  const rows = others.map((member) =>
    toRow(member, mapping, { order, digest: `${member.digest}.${first.digest}`, state: member.state, generation }),
  );
  const listed = withLists(head.resource, listsOfSheet(head.resource, rows));
  const visits = visitsIn(head.resource, mapped.parents);
  const resource = withVisitPatient(listed, visits.find((visit) => visit.encounter === listed.id)?.patient);
  const person = mapped.person === undefined ? {} : { person: mapped.person };
  return {
    tenant: mapped.tenant,
    head: { ...head, resource, ...person },
    writesHead: true,
    rows: distinctRows(rows),
    parents: mapped.parents,
    givingWay: mapped.aliases.map(({ id, into }) => ({ id, replacement: { into, by: "key", order: "", digest: "" } })),
    persons: personOfVisit(head, visits),
    visits,
    places: [place],
  };
}

/** A merge of two Patients as a sheet that writes nothing of its own; its head only gives it a place. */
export function mergeAsSheet(merge: MappedMerge, place: number): Sheet {
  const { tenant, from, into, order, digest, file, line, mapping } = merge;
  const resource: Patient = { resourceType: "Patient", id: from.id };
  return {
    tenant,
    head: { ref: refOf(resource), resource, issue: { order, digest, state: "present" }, file, line, mapping },
    writesHead: false,
    rows: [],
    parents: [{ type: "Patient", ...into }],
    givingWay: from.id === into.id ? [] : [{ id: from.id, replacement: { into: into.id, by: "merge", order, digest } }],
    persons: [],
    visits: [],
    places: [place],
  };
}

function toRow({ resource, file, line }: MappedResource, mapping: string, issue: Issue): Row {
  return { ref: refOf(resource), resource, issue, file, line, mapping };
}
