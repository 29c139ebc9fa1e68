/** Whether to write create-only at once, or to read first what exists: the one is cheapest for new data, the other for a replay. */
export interface Pace {
  readsFirst(): boolean;
  /** A create-only write met something that exists. */
  conflicted(): void;
  /** A reading found this much of what is to be written. */
  found(some: boolean): void;
}

/** After this many readings in a row that found nothing, the data is taken for new again. */
const newAgain = 4;

/** `replay` = the export is known to have been written before, wholly or in part. */
export function createPace(replay: boolean): Pace {
  let reads = replay;
  let nothing = 0;
  return {
    readsFirst: () => reads,
    conflicted() {
      reads = true;
      nothing = 0;
    },
    found(some) {
      nothing = some ? 0 : nothing + 1;
      if (nothing >= newAgain) reads = false;
    },
  };
}
