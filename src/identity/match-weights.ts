/**
 * What each agreement and disagreement weighs, in bits: log2 of how much likelier it is among records of one person than among records of
 * two people who came into question (Fellegi and Sunter 1969). Set by hand from the tuning seeds of the labelled people (docs/identity.md
 * tells how), never from the seeds the benchmark judges by. One table, so that a region can argue about it.
 */
export const matchWeights = {
  number: { same: 20, near: 13, different: -30, unknown: 0 },
  document: { same: 17, different: -3, unknown: 0 },
  name: { same: 11, "same-short": 8, sound: 6, near: -6, "surname-changed": 0, "one-family": -8, different: -10, unknown: 0 },
  birthDate: { same: 13, swapped: 7, digit: 6, near: 5, default: 2, "same-year": -3, different: -10, unknown: 0 },
  sex: { same: 1, different: -8, unknown: 0 },
  phone: { same: 8, different: -3, unknown: 0 },
  address: { same: 6, similar: 4, different: -3, unknown: 0 },
  guardian: { same: 6, different: -6, unknown: 0 },
} as const;

/** From this score on, and only with an anchor, a machine may say that two records are of one person. */
export const sameFrom = 25;
/**
 * From this score on a steward is asked; below it two records are of two people. Name, birth date and sex alone stay below: among millions of
 * people most such pairs are strangers, and a queue of them would hide the others.
 */
export const maybeFrom = 26;

export type MatchField = keyof typeof matchWeights;
