/** Name of the cookie that holds a session's secret. Its path is the session's own, so each open window sends its own and no other. */
const name = "hutong-page";

/** `Set-Cookie` of an opened session: no script reads it, no other site's request carries it. */
export function sessionCookie(session: { id: string; secret: string; seconds: number; secure: boolean }): string {
  const { id, secret, seconds, secure } = session;
  const path = `Path=/web/sessions/${id}`;
  return `${name}=${secret}; ${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
}

/** The secret in a `Cookie` header; undefined when there is none, or more than one, which two readers could read differently. */
export function secretOf(header: string | undefined): string | undefined {
  const values = (header ?? "")
    .split(/;\s*/)
    .flatMap((pair) => (pair.startsWith(`${name}=`) ? [pair.slice(name.length + 1)] : []));
  const [secret] = values;
  return values.length === 1 && secret !== undefined && /^[\w-]{43}$/.test(secret) ? secret : undefined;
}
