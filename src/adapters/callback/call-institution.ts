import { createHmac } from "node:crypto";
import { Agent, request } from "undici";
import type { InstitutionCode } from "../../kernel/brand.ts";
import type { CallInstitution, CallOutcome, OutgoingCall } from "../../ordering/callbacks/run-callback.ts";

/** Where an institution is called, and with which secret the call is signed. */
export interface CallbackAddress {
  readonly url: string;
  readonly secret: string;
}

/** Longest time one call may take, in milliseconds. */
const callMs = 5_000;
const connectMs = 2_000;
/** What is read of an answer before the connection is given up, in bytes. */
const mostBytes = 16_384;

/**
 * Calls institutions at the address the registry names, signed after the Standard Webhooks specification 1.0.0: `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`
 * (`v1,` and base64 of HMAC-SHA-256 over `<id>.<timestamp>.<body>`). Only a 2xx is a delivery; no redirect is followed.
 */
export function createCallbacks(
  addressOf: (institution: InstitutionCode) => CallbackAddress | undefined,
): CallInstitution & { close(): Promise<void> } {
  const dispatcher = new Agent({ connections: 2, keepAliveTimeout: 5_000, connect: { timeout: connectMs } });
  return {
    call(call) {
      const address = addressOf(call.institution);
      return address === undefined ? undefined : post(dispatcher, address, call);
    },
    close: () => dispatcher.destroy(),
  };
}

async function post(dispatcher: Agent, { url, secret }: CallbackAddress, { id, at, body }: OutgoingCall): Promise<CallOutcome> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signal = AbortSignal.timeout(callMs);
  try {
    const answer = await request(url, {
      dispatcher,
      method: "POST",
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signatureOf(secret, `${id}.${timestamp}.${body}`)}`,
      },
      body,
      signal,
    });
    await answer.body.dump({ limit: mostBytes, signal }).catch(() => {});
    if (answer.statusCode >= 200 && answer.statusCode < 300) return "delivered";
    return answer.statusCode === 410 ? "gone" : "refused";
  } catch {
    return "unreachable";
  }
}

function signatureOf(secret: string, signed: string): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : secret;
  return createHmac("sha256", key).update(signed, "utf8").digest("base64");
}
