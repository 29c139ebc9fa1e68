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

/** A draft order: an item or panel of the catalogue, or a LOINC code. */
export type Draft = { readonly id: string; readonly item: string } | { readonly id: string; readonly loinc: string };

/** What the rules say of each draft order. */
export interface RecognitionAnswer {
  readonly id: string;
  readonly policy: string;
  readonly asked: "all" | "some" | "none";
  readonly results: readonly {
    readonly order: string;
    readonly item?: string;
    readonly itemName?: string;
    readonly panel?: string;
    readonly lines: readonly RecognitionLine[];
  }[];
  readonly panels: readonly {
    readonly order: string;
    readonly name: string;
    readonly advice: string;
    readonly recognised: readonly string[];
    readonly remaining: readonly { readonly name: string }[];
  }[];
}

export interface RecognitionLine {
  readonly recognition: "must" | "may" | "ineligible" | "unknown";
  readonly source: string;
  readonly sourceName?: string;
  readonly value?: string;
  readonly unit?: string;
  readonly collectedAt?: string;
  readonly mark?: string;
  readonly daysLeft?: number;
  readonly evidence?: string;
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
}

/** What became of each reminder of a check. */
export interface RecognitionState {
  readonly results: readonly { readonly order: string; readonly item: string; readonly state: string }[];
}

/** Something the institution was shown does not stand any more. */
export interface Notice {
  readonly id: string;
  readonly kind: string;
  readonly about: string;
  readonly places: readonly {
    readonly check?: string;
    readonly orders?: readonly { readonly order: string; readonly adopted: boolean }[];
  }[];
}

interface Rate {
  readonly numerator: number;
  readonly denominator: number;
  readonly percent?: number;
}

/** What the institution's recognition came to this month. */
export interface Figures {
  readonly total: {
    readonly items: Readonly<Record<string, number>>;
    readonly visits: Readonly<Record<string, number>>;
    readonly rates: { readonly a: Rate; readonly b?: Rate };
  };
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
  check(identityNumber: string, visit: VisitNamed, orders: readonly Draft[]): Promise<Answer<RecognitionAnswer>>;
  /** Answers reminders of a check, as `POST /recognitions/{id}/outcome` takes them. */
  answer(check: string, outcomes: readonly object[]): Promise<Answer<{ answers: readonly { order: string; state: string }[] }>>;
  state(check: string): Promise<RecognitionState>;
  notices(): Promise<readonly Notice[]>;
  acknowledge(notice: string): Promise<string>;
  figures(): Promise<Figures>;
}

/** The system of an institution, with one user signed in. */
export function doctorsSystem(platform: Platform, signIn: SignIn, institution: string, user: User): DoctorsSystem {
  const lookups = () => signIn.client(institution, "lookups", user);
  const lookup = async (id: string) =>
    expectStatus(call<LookupState>(platform, { method: "GET", path: `/lookups/${id}`, token: await lookups() }), 200);
  const recognise = async <T>(method: "GET" | "POST", path: string, json?: object): Promise<Answer<T>> => {
    const token = await signIn.client(institution, "recognitions", user);
    return await call<T>(platform, { method, path, token, ...(json === undefined ? {} : { json }) });
  };
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
    check: (identityNumber, visit, orders) =>
      recognise("POST", "/recognitions/check", { resident: { identityNumber }, visit, orders: orders.map(orderOf) }),
    answer: (check, outcomes) => recognise("POST", `/recognitions/${check}/outcome`, { outcomes }),
    state: (check) => expectStatus(recognise<RecognitionState>("GET", `/recognitions/${check}`), 200),
    notices: async () => (await expectStatus(recognise<{ notices: Notice[] }>("GET", "/notices"), 200)).notices,
    acknowledge: async (notice) =>
      (await expectStatus(recognise<{ state: string }>("POST", `/notices/${notice}/acknowledge`), 200)).state,
    figures: () => expectStatus(recognise<Figures>("GET", "/recognitions/figures?by=item"), 200),
  };
}

function orderOf(draft: Draft): object {
  if ("item" in draft) return draft;
  return { id: draft.id, code: { system: "http://loinc.org", code: draft.loinc } };
}
