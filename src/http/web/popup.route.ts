import { z } from "zod";
import { Fault } from "../../kernel/fault.ts";
import { json, orInvalid, orNotFound } from "../answers.ts";
import { WorkId } from "../contract/parts.ts";
import { RecognitionAnswer, RecognitionDone } from "../contract/recognition.ts";
import { OutcomesAnswer, type RecognitionState, ToldAnswer } from "../contract/recognition-outcome.ts";
import { ReportShown } from "../contract/report.ts";
import { PageFaults, PageOutcomes, PageReport, PageRevocations, PageUses, PopupCheck } from "../contract/web.ts";
import { mayCheckRecognition } from "../entitle.ts";
import type { CheckEvent, PresentedEvent } from "../use-cases.ts";
import { ofPage, type PageAsk } from "./run-session.ts";

/** What the pop-up asks for. Its question came with the link: the browser neither knows nor sends who the resident is. */
export const popupRoutes = [
  ofPage({
    method: "post",
    path: "/check",
    page: "popup",
    policy: mayCheckRecognition,
    async handle({ session: { opened }, caller, signal, shown }, useCases) {
      if (opened.page !== "popup") throw new Fault("not-entitled");
      const [checked, reasons] = await Promise.all([
        useCases.checkRecognition({ caller, check: opened.check, signal }),
        useCases.declineReasons(),
      ]);
      const { answer } = orInvalid(checked);
      await shown(answer.id);
      const state = await useCases.recognitionState({ caller, id: answer.id });
      return json(PopupCheck, { answer, reasons: emergencyFirst(reasons, opened.check.visit?.kind), given: givenIn(state) });
    },
  }),
  ofPage({
    method: "get",
    path: "/events",
    page: "popup",
    policy: mayCheckRecognition,
    query: z.strictObject({ check: WorkId }),
    async handle(ask, useCases) {
      const id = ownCheck(ask, ask.query.check);
      const events = orNotFound(await useCases.watchCheck({ caller: ask.caller, id, signal: ask.signal }));
      return { kind: "events", events: told(events, ask) };
    },
  }),
  ofPage({
    method: "post",
    path: "/outcomes",
    page: "popup",
    policy: mayCheckRecognition,
    body: PageOutcomes,
    async handle(ask, useCases) {
      const { check, ...given } = ask.body;
      const answers = orNotFound(await useCases.recordOutcomes({ caller: ask.caller, id: ownCheck(ask, check), given }));
      return json(OutcomesAnswer, { answers });
    },
  }),
  ofPage({
    method: "post",
    path: "/references",
    page: "popup",
    policy: mayCheckRecognition,
    body: PageUses,
    async handle(ask, useCases) {
      const { check, ...given } = ask.body;
      const id = ownCheck(ask, check);
      const answers = orNotFound(await useCases.tellUses({ caller: ask.caller, id, kind: "referenced", given }));
      return json(ToldAnswer, { answers });
    },
  }),
  ofPage({
    method: "post",
    path: "/revocations",
    page: "popup",
    policy: mayCheckRecognition,
    body: PageRevocations,
    async handle(ask, useCases) {
      const { check, ...given } = ask.body;
      const id = ownCheck(ask, check);
      const answers = orNotFound(await useCases.objectToAnswers({ caller: ask.caller, id, code: "revoked", given }));
      return json(ToldAnswer, { answers });
    },
  }),
  ofPage({
    method: "post",
    path: "/faults",
    page: "popup",
    policy: mayCheckRecognition,
    body: PageFaults,
    async handle(ask, useCases) {
      const { check, ...given } = ask.body;
      const answers = orNotFound(await useCases.reportFaults({ caller: ask.caller, id: ownCheck(ask, check), given }));
      return json(ToldAnswer, { answers });
    },
  }),
  ofPage({
    method: "post",
    path: "/reports",
    page: "popup",
    policy: mayCheckRecognition,
    body: PageReport,
    async handle(ask, useCases) {
      const { check, ...result } = ask.body;
      const read = orNotFound(await useCases.readReport({ caller: ask.caller, id: ownCheck(ask, check), result }));
      if (read.kind === "read") return json(ReportShown, read.report);
      throw new Fault(read.kind === "refused" ? "not-entitled" : "not-found");
    },
  }),
];

/** A check this page was shown; any other is not there for it. */
function ownCheck({ session }: Pick<PageAsk, "session">, check: string): string {
  return orNotFound(session.checks.find((one) => one === check));
}

/** What stands; an answer that was taken back or lacks its reason may be given anew. */
function givenIn(state: RecognitionState | undefined): PopupCheck["given"] {
  return (state?.results ?? []).flatMap(({ order, item, state: stands, said }) => {
    if (stands !== "adopted" && stands !== "declined" && stands !== "superseded") return [];
    const last = said.findLast((one) => one.what === "adopted" || one.what === "declined");
    const { reason, evidence } = last ?? {};
    return [
      {
        ...{ order, item, state: stands },
        ...(reason === undefined ? {} : { reason }),
        ...(evidence === undefined ? {} : { evidence }),
      },
    ];
  });
}

/** In an emergency the lawful reason of that name is the likeliest. */
function emergencyFirst<R extends { readonly code: string }>(reasons: readonly R[], kind: string | undefined): readonly R[] {
  if (kind !== "emergency") return reasons;
  return [...reasons.filter((one) => one.code === "emergency"), ...reasons.filter((one) => one.code !== "emergency")];
}

/** A late answer is a check of its own, and the page may answer it too. */
async function* told(events: AsyncIterable<CheckEvent>, { shown }: Pick<PageAsk, "shown">): AsyncGenerator<PresentedEvent> {
  for await (const { event, data } of events) {
    if (event === "answer") await shown(data.id);
    yield { event: "presented", name: event, data: (event === "answer" ? RecognitionAnswer : RecognitionDone).parse(data) };
  }
}
