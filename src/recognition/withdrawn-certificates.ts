import { type Certificate, type CertificateState, certificateOn, isGood, plusDays } from "./certificates.ts";
import type { Scopes } from "./scopes.ts";

/** A stretch of test days on which a certificate backed marks before and nothing does now. */
export interface WithdrawnSpan {
  /** The certificate that gave the backing. */
  readonly certificate: string;
  readonly laboratory: string;
  readonly item: string;
  /** First and last day of the test, `YYYY-MM-DD` of the region, both included. */
  readonly from: string;
  readonly to: string;
  /** What the laboratory's record says of those days now. */
  readonly state: CertificateState;
}

/** What the comparison is made by: today, the policy's carry-over, which scope holds which. */
export interface ComparedOn {
  readonly today: string;
  readonly carryOverDays: number;
  readonly scopes: Pick<Scopes, "covers">;
}

/**
 * What a change of certificates takes away from results already measured: withdrawn retroactively, failed later, retracted, shortened, or its region made
 * narrower. Told is what a mark of the certificate's own region lost; days after today are left out: nothing was measured then. Pure; before and after may
 * hold one certificate or, to see what another one still backs, all of its laboratory and item.
 */
export function withdrawnCertificates(
  before: readonly Certificate[],
  after: readonly Certificate[],
  on: ComparedOn,
): readonly WithdrawnSpan[] {
  const now = Map.groupBy(after, keyOf);
  return [...Map.groupBy(before, keyOf)].flatMap(([key, old]) => {
    const left = now.get(key) ?? [];
    const days = edges([...old, ...left], on);
    return scopesOf(old).flatMap((scope) =>
      merged(days.flatMap(({ from, to }) => lost(old, left, { on, scope, from, to }) ?? [])),
    );
  });
}

const keyOf = ({ laboratory, item }: Certificate): string => `${laboratory}|${item}`;

function scopesOf(certificates: readonly Certificate[]): string[] {
  return [...new Set(certificates.flatMap(({ scope }) => scope ?? []))];
}

/** Between two edges nothing changes: every first day of a state, in order, each with its last. */
function edges(certificates: readonly Certificate[], { today, carryOverDays }: ComparedOn): { from: string; to: string }[] {
  const firsts = certificates.flatMap(({ from, to, withdrawnFrom }) => [
    from,
    plusDays(to, 1),
    plusDays(to, carryOverDays + 1),
    ...(withdrawnFrom === undefined ? [] : [withdrawnFrom]),
  ]);
  const days = [...new Set(firsts)].filter((day) => day <= today).sort();
  return days.map((from, index) => {
    const next = days[index + 1];
    return { from, to: next === undefined ? today : plusDays(next, -1) };
  });
}

interface Stretch {
  readonly on: ComparedOn;
  readonly scope: string;
  readonly from: string;
  readonly to: string;
}

/** One stretch, if a mark of the scope was backed in it before and is not now. */
function lost(before: readonly Certificate[], after: readonly Certificate[], stretch: Stretch): WithdrawnSpan | undefined {
  const { on, scope, from, to } = stretch;
  const day = { day: from, today: on.today, carryOverDays: on.carryOverDays };
  const backs = (one: Certificate) => one.scope !== undefined && on.scopes.covers(one.scope, scope);
  const old = certificateOn(before, day, backs);
  // Each certificate answers for its own scope: what a wider one gave is told under the wider one.
  if (old.certificate?.scope !== scope || !isGood(old.state)) return undefined;
  const { state } = certificateOn(after, day, backs);
  const { id, laboratory, item } = old.certificate;
  return isGood(state) ? undefined : { certificate: id, laboratory, item, from, to, state };
}

/** Stretches that follow each other and tell the same are one. */
function merged(spans: readonly WithdrawnSpan[]): WithdrawnSpan[] {
  const whole: WithdrawnSpan[] = [];
  for (const span of spans) {
    const last = whole.at(-1);
    const continues = last?.certificate === span.certificate && last.state === span.state && plusDays(last.to, 1) === span.from;
    if (last !== undefined && continues) whole[whole.length - 1] = { ...last, to: span.to };
    else whole.push(span);
  }
  return whole;
}
