/** A delivery that its sender has closed: nothing of it will change any more. */
export interface ClosedDelivery {
  readonly feed: string;
  /** What its `.done` file is called, without the ending. */
  readonly name: string;
  /** Why it cannot be taken as it lies there, for its sender to read. */
  readonly problem?: string;
  /**
   * One after another, each read to its end. Throws `Fault("delivery-changed")` when a file is not what it was at the look, and `Fault("request-invalid")`
   * with the reason when it is of no use to wait any longer.
   */
  files(): AsyncIterable<{ readonly name: string; readonly content: AsyncIterable<Uint8Array> }>;
  /** Puts the files away: its export is stored. */
  taken(exportId: string): Promise<void>;
  /** Puts the files aside, with the reason beside them. */
  refused(reason: string): Promise<void>;
}

/** The port to a folder that senders drop deliveries into. */
export interface Inbox {
  /** What is closed and lies still since the last look; finishes first what an earlier process was putting away. */
  closed(): Promise<readonly ClosedDelivery[]>;
}
