import { auditEvent } from "../../audit/audit-event.ts";
import { recordAudit } from "../../audit/record-audit.ts";
import type { FhirStore } from "../../fhir/store.ts";
import type { CryptoSuite } from "../../kernel/crypto-suite.ts";
import type { UseCases } from "../use-cases.ts";

const readinessMs = 2_000;

/** What the hub says of itself, and the events of refusals. */
export function serveHub(deps: {
  readonly store: FhirStore;
  readonly suite: CryptoSuite;
  readonly queueAnswers: () => Promise<unknown>;
}): Pick<UseCases, "readiness" | "refused" | "authenticationFailed"> {
  const { store, suite } = deps;
  return {
    async readiness() {
      const storeAnswers = store.read("DEFAULT", "Basic", "hutong-installation", { signal: AbortSignal.timeout(readinessMs) });
      const [storeState, queue] = await Promise.all([upOrDown(storeAnswers), upOrDown(deps.queueAnswers())]);
      return { store: storeState, queue };
    },
    async refused({ at, requestId, route, code, caller }) {
      const { client, institution, practitioner, resident } = caller;
      await recordAudit(store, [
        auditEvent({
          id: suite.computeId("DEFAULT", "AuditEvent", "refusal", requestId),
          kind: "refusal",
          at,
          outcome: "refused",
          reason: `${code} ${route}`,
          agent: {
            client,
            ...(institution === undefined ? {} : { institution }),
            ...(practitioner === undefined
              ? {}
              : {
                  practitioner: {
                    id: practitioner.id,
                    ...(practitioner.role === undefined ? {} : { role: practitioner.role }),
                  },
                }),
            ...(resident === undefined ? {} : { resident }),
          },
          ...(resident === undefined ? {} : { resident }),
        }),
      ]);
    },
    async authenticationFailed({ minute, client, count, causes }) {
      const detail = {
        count: String(count),
        ...Object.fromEntries(Object.entries(causes).map(([cause, times]) => [cause, String(times)])),
      };
      await recordAudit(store, [
        auditEvent({
          id: suite.computeId(
            "DEFAULT",
            "AuditEvent",
            "authentication-failed",
            client,
            minute.toISOString(),
            String(process.pid),
          ),
          kind: "authentication-failed",
          at: minute,
          outcome: "refused",
          agent: { client },
          entities: [{ what: { display: "requests without a valid token" }, detail }],
        }),
      ]);
    },
  };
}

function upOrDown(answer: Promise<unknown>): Promise<"up" | "down"> {
  const late = new Promise<"down">((resolve) => setTimeout(() => resolve("down"), readinessMs).unref());
  return Promise.race([
    answer.then(
      () => "up" as const,
      () => "down" as const,
    ),
    late,
  ]);
}
