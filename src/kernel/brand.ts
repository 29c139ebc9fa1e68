declare const brand: unique symbol;

/** A string that only its own constructor may make: `Brand<string, "ResidentId">` is not assignable from a bare string. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** The person behind all local records: id of the golden `Patient` in DEFAULT. */
export type ResidentId = Brand<string, "ResidentId">;
/** Logical id of a FHIR resource: computed ids are a letter and 40 hex digits. */
export type ResourceId = Brand<string, "ResourceId">;
/** Code of an institution in the registry; also the name of its HAPI partition (URL tenant). */
export type InstitutionCode = Brand<string, "InstitutionCode">;
/** URL tenant of HAPI: `DEFAULT` for the hub's own resources, else an institution's code. */
export type Tenant = InstitutionCode | "DEFAULT";
