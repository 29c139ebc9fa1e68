/** The shape of a value without the value, for issue texts: digits become 9, Latin letters x, Chinese characters 字; at most 24 characters. */
export function maskValue(value: string): string {
  const shape = value
    .replace(/\p{Script=Han}/gu, "字")
    .replace(/\p{Nd}/gu, "9")
    .replace(/[\p{L}](?<!字)/gu, "x");
  return shape.length > 24 ? `${shape.slice(0, 24)}…` : shape;
}
