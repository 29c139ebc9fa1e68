/** Where a column stands in a message: `PID-3.1`, `PID-3(2).1`, `PID-3[5=NI].1`, `@message`, `@group`. */
export type Hl7Path =
  | { readonly kind: "message" }
  | { readonly kind: "group" }
  | {
      readonly kind: "field";
      readonly segment: string;
      readonly field: number;
      readonly component: number | undefined;
      readonly subcomponent: number | undefined;
      readonly repetition: number;
      readonly where: { readonly component: number; readonly value: string } | undefined;
    };

const pattern = /^([A-Z][A-Z0-9]{2})-(\d+)(?:\((\d+)\)|\[(\d+)=([^\]]+)\])?(?:\.(\d+)(?:\.(\d+))?)?$/;

/** Reads a path; undefined when it is none. Numbers count from 1, MSH-1 is the field separator. */
export function readHl7Path(text: string): Hl7Path | undefined {
  if (text === "@message" || text === "@group") return { kind: text === "@message" ? "message" : "group" };
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, segment = "", field, repetition, whereComponent, value, component, subcomponent] = match;
  return {
    kind: "field",
    segment,
    field: Number(field),
    component: component === undefined ? undefined : Number(component),
    subcomponent: subcomponent === undefined ? undefined : Number(subcomponent),
    repetition: repetition === undefined ? 1 : Number(repetition),
    where: whereComponent === undefined ? undefined : { component: Number(whereComponent), value: value ?? "" },
  };
}

/** Reads a path that was checked when the feed was compiled. */
export function parseHl7Path(text: string): Hl7Path {
  const path = readHl7Path(text);
  if (path === undefined) throw new Error(`unchecked HL7 path ${text}`);
  return path;
}
