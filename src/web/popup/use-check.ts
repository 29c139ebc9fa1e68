import { useCallback, useEffect, useState } from "react";
import type { PopupCheck } from "../../http/contract/web.ts";
import { type Answered, call } from "../call.ts";
import { serverEvents } from "../events.ts";
import type { Answer } from "./answer.ts";

/**
 * The check of this page: asked when it opens and again on demand; results of sources that answer late come by themselves. An answer that is
 * there stays visible while the next one is on its way.
 */
export function useCheck(session: string, over: () => void) {
  const [checked, setChecked] = useState<Answered<PopupCheck>>();
  const [asking, setAsking] = useState(true);
  const ask = useCallback(async () => {
    setAsking(true);
    const next = await call<PopupCheck>("POST", `/web/sessions/${session}/check`);
    setAsking(false);
    if (next.kind === "failed" && next.failure.kind === "over") return over();
    setChecked((last) => (next.kind === "failed" && last?.kind === "ok" ? last : next));
  }, [session, over]);
  useEffect(() => void ask(), [ask]);

  const late = checked?.kind === "ok" && checked.value.answer.asked === "some" ? checked.value.answer.id : undefined;
  useEffect(() => {
    if (late === undefined) return;
    const left = new AbortController();
    void follow(`/web/sessions/${session}/events?check=${late}`, left.signal, (answer) =>
      setChecked((last) => (last?.kind === "ok" ? { kind: "ok", value: { ...last.value, answer } } : last)),
    );
    return () => left.abort();
  }, [session, late]);
  return { checked, asking, ask };
}

/** A broken line is no news: the doctor can ask again, and what is shown says that it is not whole. */
async function follow(path: string, signal: AbortSignal, heard: (answer: Answer) => void): Promise<void> {
  try {
    for await (const event of serverEvents(path, signal)) if (event.name === "answer") heard(event.data as Answer);
  } catch {
    return;
  }
}
