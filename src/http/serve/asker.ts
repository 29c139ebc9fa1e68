import type { InstitutionCode } from "../../kernel/brand.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Caller } from "../caller.ts";

/** The institution that asks, with the practitioner its token names. Throws `Fault("not-entitled")` for a caller without an institution. */
export function askerOf({ client, institution, practitioner }: Caller): {
  client: string;
  institution: InstitutionCode;
  practitioner?: { id: string; role?: string };
} {
  if (institution === undefined) throw new Fault("not-entitled");
  if (practitioner === undefined) return { client, institution };
  const { id, role } = practitioner;
  return { client, institution, practitioner: { id, ...(role === undefined ? {} : { role }) } };
}
