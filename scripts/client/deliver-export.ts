import type { SampleExport } from "../sample/events.ts";
import { type Answer, call, expectStatus } from "./call.ts";
import type { Platform } from "./platform.ts";
import { waitFor } from "./wait-for.ts";

/** State of an export, as `GET /exports/{id}` tells it. */
export interface ExportState {
  readonly id: string;
  readonly feed: string;
  readonly status: "waiting" | "running" | "completed" | "failed";
  /** Instants. */
  readonly receivedAt?: string;
  readonly finishedAt?: string;
  readonly counts?: Readonly<Record<string, number>>;
  readonly report?: {
    readonly rows: Readonly<Record<string, { readonly read: number; readonly mapped: number; readonly skipped: number }>>;
    readonly tableMisses?: readonly {
      readonly table: string;
      readonly code: string;
      readonly unit?: string;
      readonly count: number;
    }[];
    readonly unmappedColumns?: unknown;
    readonly issues: Readonly<Record<string, number>>;
  };
  readonly reason?: string;
}

/** POSTs an export's files as multipart/form-data; answers as the API does (202 with an id). */
export function postExport(platform: Platform, token: string, made: SampleExport): Promise<Answer<{ id: string }>> {
  const form = new FormData();
  for (const file of made.files) form.append("file", new Blob([new Uint8Array(file.bytes)]), file.name);
  return call(platform, { method: "POST", path: `/exports/${made.feed}`, token, form });
}

/** Waits until an export is completed or failed; its last state. */
export function finishedExport(
  platform: Platform,
  token: () => Promise<string>,
  id: string,
  timeoutMs = 120_000,
): Promise<ExportState> {
  return waitFor(
    `export ${id}`,
    async () => expectStatus(call<ExportState>(platform, { method: "GET", path: `/exports/${id}`, token: await token() }), 200),
    (state) => state.status === "completed" || state.status === "failed",
    { timeoutMs },
  );
}
