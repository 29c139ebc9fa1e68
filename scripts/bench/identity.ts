import type { Patient, Task } from "@medplum/fhirtypes";
import { answerReview } from "../../src/identity/answer-review.ts";
import { linksOf } from "../../src/identity/golden-patient.ts";
import { type LinkDeps, linkPatients } from "../../src/identity/link-patients.ts";
import { matchFacts } from "../../src/identity/match-facts.ts";
import { readGoldens } from "../../src/identity/resident.ts";
import { type ReviewFacts, reviewFacts } from "../../src/identity/review-task.ts";
import { scoreMatch } from "../../src/identity/score-match.ts";
import { sealPerson } from "../../src/identity/seal-person.ts";
import { type CryptoSuite, createCryptoSuite } from "../../src/kernel/crypto-suite.ts";
import type { Figure } from "./figure.ts";
import { createIndexedStore, type IndexedStore } from "./indexed-store.ts";
import { labelledPeople } from "./labelled-people.ts";
import { type LabelledRecord, labelledRecords } from "./labelled-records.ts";

/** The seed the benchmark judges by. Weights and thresholds were set by `tuning-1` and `tuning-2` alone (`--seed`). */
const evaluationSeed = "evaluation-2";

const peopleCount = 20_000;
const batch = 50;
const suite = createCryptoSuite({ ids: Buffer.alloc(32, 1), index: Buffer.alloc(32, 2), data: Buffer.alloc(32, 3) });

/** Links every record of the labelled people as ingest does, over a store in memory, lets a steward who knows the truth answer, and counts. */
export async function benchIdentity({ seed = evaluationSeed }: { readonly seed?: string }): Promise<Figure[]> {
  return [...(await judge(seed)), decisionRate()];
}

/** One run over one seed. */
async function judge(seed: string): Promise<Figure[]> {
  const people = labelledPeople(seed, peopleCount);
  const records = labelledRecords(people, `${seed}/records`, (tenant, key) =>
    suite.computeId(tenant, "Patient", "patient", key),
  );
  const store = createIndexedStore();
  const deps: LinkDeps = {
    store,
    suite,
    now: () => new Date("2026-11-18T04:00:00Z"),
    allowTestRegions: true,
    openReviews: async (tasks) => void (await store.createMissing("DEFAULT", tasks)),
  };
  for (let at = 0; at < records.length; at += batch) {
    const some = records.slice(at, at + batch);
    for (const one of some) await store.commit(one.tenant, [{ kind: "put", resource: localPatient(one, suite) }]);
    await linkPatients(
      deps,
      some.map((one) => ({ ...one, created: true })),
    );
  }
  const truth = new Map(records.map((one) => [one.patientId as string, one.truth]));
  const automatic = pairsOf(store, truth);
  const sent = await peopleSent(deps, truth);
  await steward(deps, truth);
  const answered = pairsOf(store, truth);
  const all = truePairs(records);
  const precision = automatic.right / (automatic.right + automatic.wrong);
  const recall = answered.right / all;
  const share = sent.size / people.length;
  return [
    told("records", records.length, "records"),
    ...confusion("by machines", all, automatic),
    ...confusion("after the steward's answers", all, answered),
    told("wrong joins that rest on a comparison, not a number", automatic.scoredWrong, "pairs"),
    told("right joins that rest on a comparison, not a number", automatic.scoredRight, "pairs"),
    told("recall by machines alone", automatic.right / all, ""),
    goal("wrong among 10,000 joins by machines (precision >= 0.999)", (1 - precision) * 10_000, "<= 10", precision >= 0.999),
    goal("recall with the steward's answers", recall, ">= 0.97", recall >= 0.97),
    goal("share of people in the steward's queue", share, "<= 0.02", share <= 0.02),
  ];
}

/** Pairs of records: of one person or of two, under one golden Patient or not. Pairs of two people kept apart are all others. */
function confusion(when: string, all: number, { right, wrong }: Pairs): Figure[] {
  return [
    told(`pairs of one person, joined ${when}`, right, "pairs"),
    told(`pairs of one person, not joined ${when}`, all - right, "pairs"),
    told(`pairs of two people, joined ${when}`, wrong, "pairs"),
  ];
}

function told(name: string, value: number, unit: string): Figure {
  return { name: `identity, ${name}`, value, unit, goal: "told" };
}

function goal(name: string, value: number, to: string, met: boolean): Figure {
  return { name: `identity, ${name}`, value, unit: "", goal: to, met };
}

/** People with a record in the steward's queue when everything has been delivered. */
async function peopleSent(deps: LinkDeps, truth: ReadonlyMap<string, number>): Promise<Set<number | undefined>> {
  const tasks = await openReviewTasks(deps);
  return new Set(tasks.map((task) => truth.get(reviewFacts(task)?.local.patientId ?? "")));
}

/** Reviews that nothing has resolved since they were opened. */
async function openReviewTasks(deps: LinkDeps): Promise<Task[]> {
  const open: Task[] = [];
  for (const task of await deps.store.searchAll("DEFAULT", "Task", {})) {
    const review = reviewFacts(task);
    if (review === undefined || task.status !== "on-hold") continue;
    const golden = (await readGoldens(deps.store, [review.resident])).get(review.resident);
    const linked = golden !== undefined && linksOf(golden).some((link) => link.patientId === review.local.patientId);
    if (!linked) open.push(task);
  }
  return open;
}

/** A steward who knows: the same person where both records are of one, else not. */
async function steward(deps: LinkDeps, truth: ReadonlyMap<string, number>): Promise<void> {
  const by = { client: "steward" };
  for (const task of await openReviewTasks(deps)) {
    const review = reviewFacts(task) as ReviewFacts;
    const golden = (await readGoldens(deps.store, [review.resident])).get(review.resident);
    const others = golden === undefined ? [] : linksOf(golden).map((link) => truth.get(link.patientId));
    const mine = truth.get(review.local.patientId);
    const counts = others.filter((one) => one === mine).length;
    await answerReview(deps, { id: review.id, answer: counts * 2 > others.length ? "same" : "different", by, audit: () => [] });
  }
}

interface Pairs {
  readonly right: number;
  readonly wrong: number;
  /** Of these, pairs with at least one record that was linked by comparison. */
  readonly scoredRight: number;
  readonly scoredWrong: number;
}

/** Pairs of records that stand under one golden Patient, by whether they are of one person. */
function pairsOf(store: IndexedStore, truth: ReadonlyMap<string, number>): Pairs {
  const count = { right: 0, wrong: 0, scoredRight: 0, scoredWrong: 0 };
  for (const golden of store.all("Patient")) {
    const links = linksOf(golden as Patient);
    links.forEach((one, at) => {
      for (const other of links.slice(at + 1)) {
        const right = truth.get(one.patientId) === truth.get(other.patientId);
        const scored = one.basis === "score" || other.basis === "score";
        count[right ? "right" : "wrong"]++;
        if (scored) count[right ? "scoredRight" : "scoredWrong"]++;
      }
    });
  }
  return count;
}

function truePairs(records: readonly LabelledRecord[]): number {
  return [...Map.groupBy(records, (one) => one.truth).values()].reduce((sum, some) => sum + pairs(some.length), 0);
}

function pairs(count: number): number {
  return (count * (count - 1)) / 2;
}

/** Comparisons of two records, forms of names and numbers made anew for one side each time, per second of processor time. */
function decisionRate(durationMs = 2_000): Figure {
  const people = labelledPeople("rate", 2_000);
  const records = labelledRecords(people, "rate/records", (tenant, key) => suite.computeId(tenant, "Patient", "patient", key));
  const known = records.map((one) => matchFacts(one.facts));
  const run = (forMs: number) => {
    const start = process.cpuUsage();
    let decisions = 0;
    while (usedMs(start) < forMs) {
      for (let n = 0; n < 1_000; n++, decisions++) {
        const at = decisions % known.length;
        const seeker = matchFacts((records[at] as LabelledRecord).facts);
        scoreMatch(seeker, known[(at * 7 + 1) % known.length] ?? seeker);
      }
    }
    return decisions / (usedMs(start) / 1_000);
  };
  run(durationMs / 4);
  const value = run(durationMs);
  return { name: "identity, match decisions", value, unit: "decisions/s per core", goal: ">= 2000", met: value >= 2_000 };
}

function usedMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}

/** The local Patient as ingest stores it. */
function localPatient({ facts, tenant }: LabelledRecord, keys: CryptoSuite): Patient {
  return sealPerson({ resourceType: "Patient", id: facts.patientId }, facts, { suite: keys, tenant });
}
