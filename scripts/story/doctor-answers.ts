import { expectStatus } from "../client/call.ts";
import { waitFor } from "../client/wait-for.ts";
import type { RecognitionAnswer } from "./doctor.ts";
import type { Stage } from "./stage.ts";
import { must } from "./tell.ts";

/** The doctor recognises creatinine and refuses urea with a reason; told twice, it stands once. */
export async function doctorAnswers({ doctor, step }: Stage, { id, results }: RecognitionAnswer): Promise<void> {
  await step("The doctor recognises creatinine, and examines urea again: 病情变化, explained to the patient", async () => {
    const evidence = results.find((one) => one.order === "CREA")?.lines.find((one) => one.source === "a-provincial")?.evidence;
    const outcomes = [
      { order: "CREA", outcome: "adopted", evidence },
      { order: "UREA", outcome: "declined", reason: "condition-changed", explained: {} },
    ];
    const statesOf = async () =>
      (await expectStatus(doctor.answer(id, outcomes), 200)).answers.map((one) => `${one.order} ${one.state}`);
    const [first, again] = [await statesOf(), await statesOf()];
    must(first.join() === "CREA recorded,UREA recorded", first.join());
    must(again.join() === "CREA same,UREA same", again.join());
    return { said: [`200: ${first.join(", ")}`, `sent again: ${again.join(", ")}`], result: undefined };
  });
}

/** The corrected result finds its way to whoever relied on it: the notice, the state of the answer, the acknowledgement. */
export async function doctorIsTold({ doctor, step }: Stage, { id }: RecognitionAnswer): Promise<void> {
  await step("C is told: what it recognised has been amended", async () => {
    const mine = async () =>
      (await doctor.notices()).find(({ kind, places }) => kind === "amended" && places.some((place) => place.check === id));
    const notice = await waitFor("the notice", mine, (found) => found !== undefined, { timeoutMs: 30_000, everyMs: 200 });
    must(notice !== undefined, "no notice came");
    const { results } = await waitFor(
      "the answer marked superseded",
      () => doctor.state(id),
      (state) => state.results.some((one) => one.order === "CREA" && one.state === "superseded"),
      { timeoutMs: 10_000, everyMs: 200 },
    );
    const adopted = notice.places.flatMap((place) => place.orders ?? []).filter((one) => one.adopted);
    must(adopted.length === 1, `${adopted.length} recognitions are named`);
    const acknowledged = await doctor.acknowledge(notice.id);
    const states = results.map((one) => `${one.order} ${one.item} ${one.state}`);
    return {
      said: [`notice: ${notice.kind}, ${adopted.length} recognition rests on it`, ...states, `the notice is ${acknowledged}`],
      result: undefined,
    };
  });
}

/** What C's recognition came to this month, this visit among it. */
export async function figuresAreCounted({ doctor, step }: Stage): Promise<void> {
  await step("What recognition came to at C this month", async () => {
    const { total } = await doctor.figures();
    const { eligible = 0, adopted = 0, declined = 0, savedFen = 0, amended = 0 } = total.items;
    must(adopted >= 1 && declined >= 1 && amended >= 1, `figures: ${JSON.stringify(total.items)}`);
    const { a } = total.rates;
    return {
      said: [
        `可互认 ${eligible} 项次 ${total.visits.eligible ?? 0} 人次, 互认 ${adopted}, 不互认 ${declined}, 结果变更 ${amended}`,
        `互认率A ${a.percent ?? "-"} % (${a.numerator} ÷ ${a.denominator}), 节省 ${(savedFen / 100).toFixed(2)} 元`,
      ],
      result: undefined,
    };
  });
}
