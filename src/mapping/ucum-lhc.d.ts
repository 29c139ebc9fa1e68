declare module "@lhncbc/ucum-lhc" {
  /** The part of the library that mappings and recognition policies use. */
  export const UcumLhcUtils: {
    getInstance(): {
      validateUnitString(
        code: string,
        suggest?: boolean,
      ): { status: "valid" | "invalid" | "error"; msg: string[]; unit?: { name?: string | number } };
      convertUnitTo(
        from: string,
        value: number,
        to: string,
      ): { status: "succeeded" | "failed" | "error"; toVal: number | null };
    };
  };
}
