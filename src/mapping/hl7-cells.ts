import { unescapeHl7 } from "./hl7-escape.ts";
import type { Hl7Segment, ReadMessage } from "./hl7-message.ts";
import type { Hl7Path } from "./hl7-path.ts";

type FieldPath = Extract<Hl7Path, { kind: "field" }>;

// How segments stand inside one another: a deeper one belongs to the last one above it.
const levels: Readonly<Record<string, number>> = {
  ...{ MSH: 0, EVN: 1, SFT: 1, PID: 1, PD1: 2, NK1: 2, MRG: 2, PV1: 2, PV2: 2, AL1: 2, IN1: 2, GT1: 2, ORC: 3 },
  ...{ OBR: 4, RXO: 4, RXE: 4, RXA: 4, OBX: 5, SPM: 5, TQ1: 5, RXR: 5, DG1: 5 },
};

/**
 * The text a path means from the row's segment; escapes are resolved after the split. Absent fields and `""` give undefined: every issue of a resource
 * replaces it whole, so that "delete this" and "nothing here" both leave the element out, and `""` never becomes text.
 */
export function hl7CellAt(message: ReadMessage, index: number, path: Hl7Path): string | undefined {
  if (path.kind === "message") return message.name;
  if (path.kind === "group") return String(groupStart(message, index));
  const segment = segmentAt(message.segments, index, path.segment);
  if (segment === undefined) return undefined;
  const isHeader = segment.name === "MSH";
  if (isHeader && path.field === 1) return message.delimiters.field;
  const field = segment.fields[isHeader ? path.field - 1 : path.field];
  if (field === undefined || field === "") return undefined;
  if (isHeader && path.field === 2) return field;
  const repetition = repetitionOf(field, path, message);
  const text = repetition === undefined ? undefined : partOf(repetition, path, message);
  if (text === undefined || text === "" || text === '""') return undefined;
  const escaped = message.delimiters.escape !== "" && text.includes(message.delimiters.escape);
  return escaped ? unescapeHl7(text, message.delimiters, (bytes) => new TextDecoder(message.encoding).decode(bytes)) : text;
}

/** The repetition of a field a path means: the first, a numbered one, or the first whose component has a value. */
function repetitionOf(field: string, { where, repetition }: FieldPath, { delimiters }: ReadMessage): string | undefined {
  if (!field.includes(delimiters.repetition)) {
    if (where === undefined) return repetition === 1 ? field : undefined;
    return piece(field, delimiters.component, where.component) === where.value ? field : undefined;
  }
  const repetitions = field.split(delimiters.repetition);
  if (where === undefined) return repetitions[repetition - 1];
  return repetitions.find((one) => piece(one, delimiters.component, where.component) === where.value);
}

function partOf(text: string, { component, subcomponent }: FieldPath, { delimiters }: ReadMessage): string | undefined {
  const whole = piece(text, delimiters.component, component ?? 1);
  return subcomponent === undefined || whole === undefined ? whole : piece(whole, delimiters.subcomponent, subcomponent);
}

function piece(text: string, separator: string, place: number): string | undefined {
  if (!text.includes(separator)) return place === 1 ? text : undefined;
  return text.split(separator, place)[place - 1];
}

/** The segment a path means from the row's segment: itself; a deeper one inside its group; a note right after it; else the nearest before, else after. */
function segmentAt(segments: readonly Hl7Segment[], index: number, name: string): Hl7Segment | undefined {
  const own = segments[index];
  if (own === undefined || own.name === name) return own;
  if (name === "NTE") return segments[index + 1]?.name === name ? segments[index + 1] : undefined;
  const [wanted, ownLevel] = [levels[name], levels[own.name] ?? 5];
  if (wanted !== undefined && wanted > ownLevel)
    return after(segments, index, name, (one) => (levels[one.name] ?? 6) <= ownLevel);
  for (let at = index - 1; at >= 0; at--) if (segments[at]?.name === name) return segments[at];
  return after(segments, index, name, (one) => one.name === own.name || one.name === "OBR");
}

function after(
  segments: readonly Hl7Segment[],
  index: number,
  name: string,
  ends: (segment: Hl7Segment) => boolean,
): Hl7Segment | undefined {
  for (let at = index + 1; at < segments.length; at++) {
    const segment = segments[at];
    if (segment === undefined || segment.name === name) return segment;
    if (ends(segment)) return undefined;
  }
  return undefined;
}

/** Index of the OBR a row stands under (or of itself): joins result rows to their report. */
function groupStart({ segments }: ReadMessage, index: number): number {
  for (let at = index; at > 0; at--) if (segments[at]?.name === "OBR") return at;
  return 0;
}
