import { useCallback, useEffect, useState } from "react";
import { type Answered, call } from "./call.ts";

/** What a path answers: asked at once, again when the path changes, and on demand. undefined = still on its way. */
export function useAnswer<T>(
  path: string,
  over?: () => void,
): { readonly answer: Answered<T> | undefined; readonly again: () => void } {
  const [answer, setAnswer] = useState<Answered<T>>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let left = false;
    void round;
    setAnswer(undefined);
    void call<T>("GET", path).then((next) => {
      if (left) return;
      if (next.kind === "failed" && next.failure.kind === "over" && over !== undefined) over();
      else setAnswer(next);
    });
    return () => {
      left = true;
    };
  }, [path, round, over]);
  return { answer, again: useCallback(() => setRound((now) => now + 1), []) };
}
