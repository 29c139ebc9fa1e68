import type { Choices, DeclineReason } from "./choices.ts";
import type { Group, Picked, Row } from "./rows.ts";
import type { Given } from "./settle.ts";

/** What the rows need beside themselves. */
export interface TableProps {
  readonly groups: readonly Group[];
  readonly reasons: readonly DeclineReason[];
  readonly choices: Choices;
  readonly answers: Readonly<Record<string, Given>>;
  readonly setChoices: (change: (now: Choices) => Choices) => void;
  readonly read: (picked: Picked) => void;
  readonly fault: (picked: Picked) => void;
  readonly quote: (row: Row) => Promise<void>;
  readonly revoke: (row: Row) => void;
}
