import type { CryptoSuite } from "./crypto-suite.ts";

/** A computed id in the shape of a UUID (RFC 9562 §5.8, version 8), for what outside formats want as one: the same parts give the same UUID. */
export function uuidOf(suite: Pick<CryptoSuite, "computeId">, ...parts: readonly string[]): string {
  const hex = suite.computeId(...parts).slice(1);
  const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
