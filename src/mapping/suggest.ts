/** The known name that a misspelt one was most likely meant to be: at most two letters (in short names one or none) wrong, missing, extra or swapped. */
function nearestName(name: string, known: Iterable<string>): string | undefined {
  const most = name.length <= 2 ? 0 : name.length <= 4 ? 1 : 2;
  let nearest: string | undefined;
  let least = most + 1;
  for (const one of known) {
    const distance = one.toLowerCase() === name.toLowerCase() ? 0 : distanceWithin(name, one, most);
    if (distance < least) [nearest, least] = [one, distance];
  }
  return nearest;
}

/** `; did you mean X?`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

/** Edits (a letter put in, left out, changed, or two neighbours swapped) from `a` to `b`; `most` + 1 when there are more. */
function distanceWithin(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_none, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : changed;
      row[j] = Math.min(changed, swapped, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
    }
    [before, last] = [last, row];
  }
  return Math.min(last[b.length] ?? most + 1, most + 1);
}
