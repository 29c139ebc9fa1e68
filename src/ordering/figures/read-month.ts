import type { AuditEvent } from "@medplum/fhirtypes";
import { addressOf } from "../../fhir/reference.ts";
import { systems } from "../../fhir/systems.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import type { FactEventKind } from "../fact-event.ts";
import { factOf, type RecognitionFact, readFacts } from "../facts.ts";
import { countMonth, settledFrom, type Typing } from "./count-month.ts";
import type { FiguresDeps } from "./figures-deps.ts";
import type { Month } from "./month.ts";
import type { MonthFigures } from "./tally.ts";

/** Of what others tell of one institution's results so much time is read at once. */
const stepMs = 7 * 86_400_000;
/** Counts under way at once. */
const countsAtOnce = 4;

/** What others tell of an institution's results. */
const toldOfResults: readonly FactEventKind[] = [
  "recognition-answered",
  "recognition-viewed",
  "recognition-referenced",
  "recognition-revoked",
  "recognition-fault-reported",
];

/**
 * An institution's figures of a month, counted from the events that tell them: its own facts, what others told of its results, and how much it reported itself. A
 * day (of others' facts a week) is in memory as events at a time, the month only as facts. The same month read again gives the same once it is settled. Throws `Fault("store-down")`.
 */
export async function readMonth(deps: FiguresDeps, institution: InstitutionCode, month: Month): Promise<MonthFigures> {
  const { catalogue } = await deps.recognitionData();
  const now = deps.now();
  const settled = settledFrom(month, deps.answerWindowMs);
  const span = { institution, from: month.from, until: settled < now ? settled : now };
  const [own, ofOthers, typed, reported] = await Promise.all([
    ownFacts(deps, span),
    factsOfOthers(deps, span),
    typings(deps, { institution, month }),
    reportedBy(deps, { institution, month }, catalogue),
  ]);
  const frame = { institution, month, now, answerWindowMs: deps.answerWindowMs, dayOf: catalogue.dayOf };
  return countMonth({ own, ofOthers, typed, reported }, frame);
}

interface Span {
  readonly institution: InstitutionCode;
  readonly from: Date;
  readonly until: Date;
}

async function ownFacts({ store }: FiguresDeps, span: Span): Promise<RecognitionFact[]> {
  const facts: RecognitionFact[] = [];
  // What is told in this very millisecond is told.
  for await (const fact of readFacts(store, { ...span, until: new Date(span.until.getTime() + 1) })) facts.push(fact);
  return facts;
}

async function factsOfOthers({ store }: FiguresDeps, { institution, from, until }: Span): Promise<RecognitionFact[]> {
  const facts: RecognitionFact[] = [];
  for (let at = from.getTime(); at <= until.getTime(); at += stepMs) {
    const end = Math.min(at + stepMs, until.getTime() + 1);
    const events = await store.searchAll("DEFAULT", "AuditEvent", {
      subtype: tokens(toldOfResults),
      "hutong-what": `${systems.institution}|${institution}`,
      date: [`ge${instant(new Date(at))}`, `lt${instant(new Date(end))}`],
    });
    facts.push(...events.flatMap((event) => factOf(event) ?? []));
  }
  return facts;
}

async function typings(
  { store }: FiguresDeps,
  { institution, month }: { institution: InstitutionCode; month: Month },
): Promise<Typing[]> {
  const events = await store.searchAll("DEFAULT", "AuditEvent", {
    subtype: tokens(["result-transcribed"]),
    "hutong-who": `${systems.institution}|${institution}`,
    date: [`ge${instant(month.from)}`, `lt${instant(month.until)}`],
  });
  return events.map((event) => ({ at: new Date(event.recorded), list: listIn(event) }));
}

function listIn(event: AuditEvent): string {
  const lists = (event.entity ?? []).flatMap(({ what }) => addressOf(what) ?? []).filter(({ type }) => type === "List");
  return lists[0]?.id ?? event.id ?? "";
}

async function reportedBy(
  deps: FiguresDeps,
  { institution, month }: { institution: InstitutionCode; month: Month },
  catalogue: Catalogue,
): Promise<Map<string, number>> {
  const counted = new Map<string, number>();
  const waiting = [...catalogue.items.values()].values();
  const count = async () => {
    for (const item of waiting) {
      const type = item.kind === "lab" ? "Observation" : "DiagnosticReport";
      const { from, until } = month;
      counted.set(item.id, await deps.countResults({ institution, type, codes: catalogue.codesOf(item), from, until }));
    }
  };
  await Promise.all(Array.from({ length: countsAtOnce }, count));
  return new Map([...counted].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function tokens(kinds: readonly string[]): string {
  return kinds.map((kind) => `${systems.auditKind}|${kind}`).join(",");
}
