import { type Answer, call, expectStatus } from "../client/call.ts";
import type { Platform } from "../client/platform.ts";
import type { SignIn, User } from "../client/sign-in.ts";
import { waitFor } from "../client/wait-for.ts";

/** A visit as the doctor's system names it in lookups and checks. */
export interface VisitNamed {
  readonly number: string;
  readonly department: string;
  readonly kind: "outpatient" | "inpatient" | "emergency";
  readonly start: string;
}

interface LookupState {
  readonly id: string;
  readonly status: "waiting" | "running" | "completed" | "failed";
  readonly lines: readonly {
    readonly source: string;
    readonly name: string;
    readonly category?: string;
    readonly outcome: string;
    readonly count: number;
  }[];
  readonly note: string;
}

export interface RecognitionAnswer {
  readonly asked: "all" | "some" | "none";
  readonly results: readonly { readonly order: string; readonly lines: readonly RecognitionLine[] }[];
}

export interface RecognitionLine {
  readonly recognition: "must" | "may" | "ineligible" | "unknown";
  readonly source: string;
  readonly value?: string;
  readonly unit?: string;
  readonly collectedAt?: string;
  readonly mark?: string;
  readonly daysLeft?: number;
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
}

export interface Bundle {
  readonly resourceType: "Bundle";
  readonly entry?: readonly { readonly resource: { readonly resourceType: string; readonly [field: string]: unknown } }[];
}

/** What a doctor's system at one institution asks of the platform. */
export interface DoctorsSystem {
  requestLookup(identityNumber: string, visit: VisitNamed): Promise<Answer<{ id: string; status: string; note: string }>>;
  lookup(id: string): Promise<LookupState>;
  /** Waits until the lookup is no longer waiting or running. */
  finishedLookup(id: string, timeoutMs: number): Promise<LookupState>;
  results(id: string): Promise<Answer<Bundle>>;
  check(identityNumber: string, visit: VisitNamed, loinc: string): Promise<Answer<RecognitionAnswer>>;
}

/** The system of an institution, with one user signed in. */
export function doctorsSystem(platform: Platform, signIn: SignIn, institution: string, user: User): DoctorsSystem {
  const lookups = () => signIn.client(institution, "lookups", user);
  const lookup = async (id: string) =>
    expectStatus(call<LookupState>(platform, { method: "GET", path: `/lookups/${id}`, token: await lookups() }), 200);
  return {
    lookup,
    requestLookup: async (identityNumber, visit) =>
      call(platform, {
        method: "POST",
        path: "/lookups",
        token: await lookups(),
        json: { resident: { identityNumber }, categories: ["lab", "record", "imaging"], visit, purpose: "TREAT" },
      }),
    finishedLookup: (id, timeoutMs) =>
      waitFor(
        `lookup ${id}`,
        () => lookup(id),
        ({ status }) => status === "completed" || status === "failed",
        { timeoutMs, everyMs: 15 },
      ),
    results: async (id) => call(platform, { method: "GET", path: `/lookups/${id}/results`, token: await lookups() }),
    check: async (identityNumber, visit, loinc) =>
      call(platform, {
        method: "POST",
        path: "/recognitions/check",
        token: await signIn.client(institution, "recognitions", user),
        json: {
          resident: { identityNumber },
          visit,
          orders: [{ id: "order-1", code: { system: "http://loinc.org", code: loinc } }],
        },
      }),
  };
}
