import { call, expectStatus } from "../client/call.ts";
import type { Platform } from "../client/platform.ts";
import type { SignIn } from "../client/sign-in.ts";

interface AccessRow {
  readonly at: string;
  readonly kind: string;
  readonly outcome: "success" | "refused" | "failed";
  readonly institution?: string;
  readonly practitioner?: string;
  readonly shown: readonly { readonly institution: string; readonly count: number }[];
}

/** What a resident does in the portal. */
export interface ResidentsPortal {
  /** Lets one institution look during one visit: everything, for treatment, from now for some days. */
  consent(to: { institution: string; visit: string; days: number }): Promise<string>;
  withdraw(consent: string): Promise<string>;
  accessLog(): Promise<readonly AccessRow[]>;
}

/** The portal, with this resident signed in. */
export function residentsPortal(platform: Platform, signIn: SignIn, identityNumber: string): ResidentsPortal {
  const token = () => signIn.resident(identityNumber);
  return {
    async consent({ institution, visit, days }) {
      const now = Date.now();
      const body = await expectStatus(
        call<{ id: string }>(platform, {
          method: "POST",
          path: "/consents",
          token: await token(),
          json: {
            recipients: [institution],
            categories: ["lab", "record", "imaging"],
            purposes: ["TREAT"],
            period: { start: new Date(now - 1000).toISOString(), end: new Date(now + days * 86_400_000).toISOString() },
            visit: { institution, number: visit },
          },
        }),
        201,
      );
      return body.id;
    },
    async withdraw(consent) {
      const answer = call<{ status: string }>(platform, {
        method: "POST",
        path: `/consents/${consent}/withdraw`,
        token: await token(),
      });
      return (await expectStatus(answer, 200)).status;
    },
    async accessLog() {
      const answer = call<{ entries: readonly AccessRow[] }>(platform, {
        method: "GET",
        path: "/access-log",
        token: await token(),
      });
      return (await expectStatus(answer, 200)).entries;
    },
  };
}
