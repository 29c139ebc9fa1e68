/** A thrown thing in words for whoever runs a script: the message, and what lies behind a request that could not be made. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  if (error.message === "fetch failed") return `the platform does not answer${code}. Is it running? Start it with: npm start`;
  return `${error.message}${code}`;
}
