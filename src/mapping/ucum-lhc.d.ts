declare module "@lhncbc/ucum-lhc" {
  /** The part of the library that mappings use. */
  export const UcumLhcUtils: {
    getInstance(): {
      validateUnitString(
        code: string,
        suggest?: boolean,
      ): { status: "valid" | "invalid" | "error"; msg: string[]; unit?: { name?: string | number } };
    };
  };
}
