import type { AuditEvent } from "@medplum/fhirtypes";
import { addressOf } from "../../fhir/reference.ts";
import { systems } from "../../fhir/systems.ts";
import type { InstitutionCode } from "../../kernel/brand.ts";
import { instant } from "../../kernel/clock.ts";
import type { Catalogue } from "../../recognition/catalogue.ts";
import type { Item } from "../../recognition/policy-schema.ts";
import { type FactEventKind, factEventKinds } from "../outcomes/fact-event.ts";
import { factOf, type RecognitionFact, readFacts } from "../outcomes/facts.ts";
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
  if (!(await hasFacts(store, span))) return [];
  const facts: RecognitionFact[] = [];
  // What is told in this very millisecond is told.
  for await (const fact of readFacts(store, { ...span, until: new Date(span.until.getTime() + 1) })) facts.push(fact);
  return facts;
}

/** Whether there is anything to read day by day: many institutions of a region are idle for months. */
async function hasFacts(store: FiguresDeps["store"], { institution, from, until }: Span): Promise<boolean> {
  const date = [`ge${instant(from)}`, `le${instant(until)}`];
  const who = { "hutong-who": `${systems.institution}|${institution}` };
  const pages = await Promise.all([
    store.search("DEFAULT", "AuditEvent", { date, ...who, subtype: tokens(["recognition-check", ...factEventKinds]) }, 1),
    // Told by the hub, not by the institution.
    store.search("DEFAULT", "AuditEvent", { date, subtype: tokens(["recognition-amended"]) }, 1),
  ]);
  return pages.some((page) => page.resources.length > 0);
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
  const countOf = (type: "Observation" | "DiagnosticReport", items: readonly Item[]) =>
    deps.countResults({ institution, type, codes: items.flatMap(catalogue.codesOf), from: month.from, until: month.until });
  const [lab, imaging] = [ofKind(catalogue, "lab"), ofKind(catalogue, "imaging")];
  const [results, reports] = await Promise.all([countOf("Observation", lab), countOf("DiagnosticReport", imaging)]);
  const waiting = [...(results === 0 ? [] : lab), ...(reports === 0 ? [] : imaging)].values();
  const count = async () => {
    for (const item of waiting)
      counted.set(item.id, await countOf(item.kind === "lab" ? "Observation" : "DiagnosticReport", [item]));
  };
  await Promise.all(Array.from({ length: countsAtOnce }, count));
  return new Map([...counted].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function ofKind({ items }: Catalogue, kind: Item["kind"]): Item[] {
  return [...items.values()].filter((item) => item.kind === kind);
}

function tokens(kinds: readonly string[]): string {
  return kinds.map((kind) => `${systems.auditKind}|${kind}`).join(",");
}
